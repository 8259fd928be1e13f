"""One row a user, and a report about it for the condition."""

import json
from pathlib import Path

import pandas as pd

inputs, outputs = Path("/opt/ml/processing/input"), Path("/opt/ml/processing/output")
activity = pd.read_parquet(inputs / "activity").groupby("user_id", as_index=False).sum(numeric_only=True)
table = activity.merge(pd.read_parquet(inputs / "spending"), on="user_id", how="outer")
table.to_parquet(outputs / "table" / "users.parquet")
quality = {"rows": len(table), "null_share": float(table.isna().to_numpy().mean())}
(outputs / "report" / "quality.json").write_text(json.dumps(quality))
