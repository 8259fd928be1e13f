#!/bin/bash
# One torchrun on each node; they meet at the first host. SageMaker writes who is there into resourceconfig.json.
set -euo pipefail
cd "$(dirname "$0")"
read -r nodes rank first < <(python3 - <<'PYTHON'
import json

config = json.load(open("/opt/ml/input/config/resourceconfig.json"))
hosts = sorted(config["hosts"])
print(len(hosts), hosts.index(config["current_host"]), hosts[0])
PYTHON
)
exec torchrun --nnodes "$nodes" --node_rank "$rank" --nproc_per_node gpu \
    --master_addr "$first" --master_port 29500 finetune.py
