"""Count the sessions of a day and write the report that the condition reads."""

import argparse
import json
from pathlib import Path

import pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--sessions", required=True)
frame = pd.read_parquet(parser.parse_args().sessions, columns=["user_id"])
report = Path("/opt/ml/processing/output/report/counts.json")
report.write_text(json.dumps({"sessions": len(frame), "users": int(frame["user_id"].nunique())}))
