"""Score the winner on the test set and write the report that the condition reads."""

import json
import tarfile
from pathlib import Path

import pandas as pd
import xgboost as xgb
from sklearn.metrics import roc_auc_score

inputs = Path("/opt/ml/processing/input")
with tarfile.open(inputs / "best/model.tar.gz") as archive:
    archive.extractall("/tmp/model", filter="data")
model = xgb.Booster(model_file="/tmp/model/model.json")
frame = pd.concat(pd.read_csv(file) for file in sorted((inputs / "test").glob("*.csv")))
scores = model.predict(xgb.DMatrix(frame.drop(columns="churned")))
report = {"auc": float(roc_auc_score(frame["churned"], scores)), "rows": len(frame)}
Path("/opt/ml/processing/output/report/metrics.json").write_text(json.dumps(report))
