"""A price model of one country."""

import json
from pathlib import Path

import joblib
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor

ML = Path("/opt/ml")
hyperparameters = json.loads((ML / "input/config/hyperparameters.json").read_text())
frame = pd.read_parquet(ML / "input/data/train")
model = HistGradientBoostingRegressor(max_iter=int(hyperparameters["max_iter"]), random_state=7)
model.fit(frame.drop(columns="price"), frame["price"])
joblib.dump(model, ML / "model/model.joblib")
r2 = model.score(frame.drop(columns="price"), frame["price"])
print(f"{hyperparameters['country']}: {len(frame)} rows, R2 {r2:.3f}")
