"""What a user spent on a day, at the prices of that day."""

from pathlib import Path

import pandas as pd

inputs = Path("/opt/ml/processing/input")
orders = pd.read_parquet(inputs / "orders")
prices = pd.read_parquet(inputs / "prices")
priced = orders.merge(prices, on="item_id", how="left", validate="many_to_one")
priced["spent"] = priced["quantity"] * priced["price"]
spent = priced.groupby("user_id", as_index=False).agg(orders=("order_id", "nunique"), spent=("spent", "sum"))
spent.to_parquet("/opt/ml/processing/output/features/spending.parquet")
