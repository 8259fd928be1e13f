"""Rank creatives by their embeddings; parameters, metric and model are in MLflow."""

import json
from pathlib import Path

import mlflow
import numpy as np
import torch
from torch import nn

ML = Path("/opt/ml")
lr = float(json.loads((ML / "input/config/hyperparameters.json").read_text())["lr"])
parts = [np.load(file) for file in sorted((ML / "input/data/vectors").glob("*.npz"))]
vectors = torch.tensor(np.concatenate([part["vectors"] for part in parts]))
clicks = torch.tensor([float(str(name).rsplit("-", 1)[1]) for part in parts for name in part["names"]])

with mlflow.start_run():
    mlflow.log_params({"lr": lr, "creatives": len(clicks)})
    model = nn.Linear(vectors.shape[1], 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for step in range(200):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(vectors).squeeze(1), clicks)
        loss.backward()
        optimizer.step()
        mlflow.log_metric("loss", loss.item(), step=step)
    order = model(vectors).squeeze(1).argsort(descending=True)
    gains = clicks[order] / torch.log2(torch.arange(2, len(clicks) + 2))
    best = clicks.sort(descending=True).values / torch.log2(torch.arange(2, len(clicks) + 2))
    ndcg = (gains.sum() / best.sum()).item()
    mlflow.log_metric("ndcg", ndcg)
    print(f"ndcg={ndcg:.4f}")  # for SageMaker, which reads the log
torch.save(model.state_dict(), ML / "model/model.pt")
