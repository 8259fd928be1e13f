import mlflow

with mlflow.start_run():
    mlflow.log_metric("ndcg", 0.41)
print("ndcg=0.41")
