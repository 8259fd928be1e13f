"""Train a ResNet; every epoch leaves a checkpoint, and the newest one is where training begins."""

import json
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

ML = Path("/opt/ml")
CHECKPOINT = ML / "checkpoints/last.pt"  # SageMaker keeps this directory in S3


def loader(channel: str, batch_size: int) -> DataLoader:
    steps = [transforms.Resize((224, 224)), transforms.ToTensor()]
    data = datasets.ImageFolder(ML / "input/data" / channel, transforms.Compose(steps))
    return DataLoader(data, batch_size, shuffle=channel == "train", num_workers=4)


@torch.no_grad()
def accuracy(model: nn.Module, data: DataLoader, device: str) -> float:
    model.eval()
    right = sum(int((model(x.to(device)).argmax(1).cpu() == y).sum()) for x, y in data)
    return right / len(data.dataset)


def main() -> None:
    hyperparameters = json.loads((ML / "input/config/hyperparameters.json").read_text())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    batch_size = int(hyperparameters["batch_size"])
    train, valid = loader("train", batch_size), loader("valid", batch_size)
    model = models.resnet50(num_classes=len(train.dataset.classes)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=float(hyperparameters["lr"]))
    first = 0
    if CHECKPOINT.exists():
        state = torch.load(CHECKPOINT, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["epoch"] + 1
        print(f"going on with epoch {first}")
    for epoch in range(first, int(hyperparameters["epochs"])):
        model.train()
        for x, y in train:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x.to(device)), y.to(device))
            loss.backward()
            optimizer.step()
        print(f"train-loss={loss.item():.4f} valid-accuracy={accuracy(model, valid, device):.4f}")
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": epoch}
        torch.save(state, CHECKPOINT.with_suffix(".new"))
        CHECKPOINT.with_suffix(".new").rename(CHECKPOINT)  # never half a checkpoint
    torch.save(model.state_dict(), ML / "model/model.pt")


if __name__ == "__main__":
    main()
