"""Tell the feature store that a day is complete."""

import argparse

args = argparse.ArgumentParser()
args.add_argument("--day", required=True)
print(f"features of {args.parse_args().day} are published")
