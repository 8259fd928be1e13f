"""Train one candidate of the search; SageMaker reads the metric from the log line."""

import json
from pathlib import Path

import pandas as pd
import xgboost as xgb

ML = Path("/opt/ml")
NUMBERS = {"max_depth": int, "eta": float, "subsample": float}


def load(channel: str) -> xgb.DMatrix:
    frame = pd.concat(pd.read_csv(file) for file in sorted((ML / "input/data" / channel).glob("*.csv")))
    return xgb.DMatrix(frame.drop(columns="churned"), frame["churned"])


def main() -> None:
    # Every value is text there, the fixed ones and those of the search alike.
    given = json.loads((ML / "input/config/hyperparameters.json").read_text())
    parameters = {name: kind(given[name]) for name, kind in NUMBERS.items() if name in given}
    parameters |= {"objective": given["objective"], "booster": given["booster"], "eval_metric": "auc"}
    train, valid = load("train"), load("valid")
    model = xgb.train(
        parameters,
        train,
        num_boost_round=500,
        evals=[(valid, "valid")],
        early_stopping_rounds=int(given["early_stopping_rounds"]),
    )
    print(f"valid-auc:{model.best_score:.5f}")
    model.save_model(ML / "model/model.json")


if __name__ == "__main__":
    main()
