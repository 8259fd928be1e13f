import mlflow

mlflow.log_metric("images", 1000)
