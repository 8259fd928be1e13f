"""Learn how much to bid, from the last days: seven in research, four weeks in production."""

import json
from pathlib import Path

import joblib
import pandas as pd
from sklearn.linear_model import SGDRegressor

ML = Path("/opt/ml")
given = json.loads((ML / "input/config/hyperparameters.json").read_text())
days, until = int(given["days"]), pd.Timestamp(given["until"])
frame = pd.read_parquet(ML / "input/data/train")
recent = frame[(frame["day"] <= until) & (frame["day"] > until - pd.Timedelta(days=days))]
model = SGDRegressor(random_state=7).fit(recent.drop(columns=["day", "value"]), recent["value"])
joblib.dump(model, ML / "model/model.joblib")
print(f"trained on {len(recent)} bids of {days} days")
