"""Put the archives of all countries below one prefix, under the names that requests will use."""

import shutil
from pathlib import Path

inputs, models = Path("/opt/ml/processing/input"), Path("/opt/ml/processing/output/models")
for country in ("kr", "jp", "us"):
    shutil.copy(inputs / country / "model.tar.gz", models / f"{country}.tar.gz")
    print(f"collected {country}")
