"""What a user did on a day: counts by kind of event."""

import argparse
import os
from pathlib import Path

import pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--day", required=True)
day = parser.parse_args().day

events = pd.read_parquet("/opt/ml/processing/input/events")
counts = events.pivot_table(index="user_id", columns="kind", values="at", aggfunc="count", fill_value=0)
counts.columns = [f"{kind}_count" for kind in counts.columns]
counts["day"] = day
# Each instance has its share of the files; the name keeps their results apart.
host = os.environ.get("HOSTNAME", "one")
counts.reset_index().to_parquet(Path("/opt/ml/processing/output/features") / f"{host}.parquet")
