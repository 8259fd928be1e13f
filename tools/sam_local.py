"""Every function's sample events through the real `sam local invoke`, against the local cloud (scripts/sam-local).

The function runs in a container with SAM's Runtime Interface Emulator; it reaches the local cloud (which listens on
loopback only) over a forwarder on Docker's bridge address. `sam local invoke` exits with 0 for everything that the
function does wrong, so the answer on standard output is what counts.

usage: sam_local.py --image NAME [FUNCTION...]
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from localcloud.client import LocalCloudProcess  # noqa: E402
from localcloud.demo import RESEARCH, code_of  # noqa: E402

FUNCTIONS = {
    "deploy_spec": "DeploySpec",
    "pipeline_state": "PipelineState",
    "failure_logs": "FailureLogs",
    "rerun": "Rerun",
}
BUCKET = "buzzflow-research-specs"  # the bucket that the sample events name


def bridge() -> str:
    """The address under which containers see this machine."""
    text = subprocess.run(["docker", "network", "inspect", "bridge"], capture_output=True, text=True, check=True).stdout
    return str(json.loads(text)[0]["IPAM"]["Config"][0].get("Gateway") or "172.17.0.1")


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def forward(address: str, port: int) -> str:
    """Serve http://<bridge>:<port'> by handing each connection on to 127.0.0.1:<port>."""
    server = socket.create_server((address, 0))

    def serve() -> None:
        while True:
            client, _ = server.accept()
            target = socket.create_connection(("127.0.0.1", port))
            for pair in ((client, target), (target, client)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return f"http://{address}:{server.getsockname()[1]}"


def variables(cloud: LocalCloudProcess, url: str) -> dict[str, dict[str, str]]:
    """What SAM cannot know: the endpoint, and the values of the deployed stack's functions."""
    found: dict[str, dict[str, str]] = {}
    for folder, logical in FUNCTIONS.items():
        name = f"buzzflow-research-{folder.replace('_', '-')}"
        deployed = cloud.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        found[logical] = {name: value.replace(cloud.url, url) for name, value in deployed.items()}
        found[logical] |= {"AWS_ENDPOINT_URL": url, "BUZZFLOW_SLACK_API_URL": f"{url}/slack/api"}
    return found


def prepare(cloud: LocalCloudProcess) -> None:
    """What the samples speak of: the deployed pipeline 'hello'."""
    for file in [*code_of("hello"), ROOT / "examples/hello.pipeline.yaml"]:
        key = "specs/" + str(file.relative_to(ROOT / "examples"))
        cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=file.read_bytes())
    cloud.settle()


def invoke(cloud: LocalCloudProcess, logical: str, event: Path, image: str, env: Path) -> tuple[bool, str]:
    command = [
        str(ROOT / ".venv-sam/bin/sam"), "local", "invoke", logical, "--template", str(ROOT / "template.yaml"),
        "--event", str(event), "--env-vars", str(env), "--invoke-image", image, "--skip-pull-image",
        "--region", "us-west-2",
    ]  # fmt: skip
    # SAM hands its own keys on to the function, and asks STS for the account: the local cloud answers both.
    environment = {"SAM_CLI_TELEMETRY": "0", "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(Path.home())}
    environment |= cloud.environment()
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    answer: Any = json.loads(lines[-1]) if lines else None
    if not isinstance(answer, dict) or "errorMessage" in answer or answer.get("batchItemFailures"):
        return False, f"exit {result.returncode}\n{result.stdout[-1500:]}\n{result.stderr[-3000:]}"
    return True, json.dumps(answer)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", required=True)
    parser.add_argument("functions", nargs="*", default=[])
    arguments = parser.parse_args()
    failed = 0
    parameters = RESEARCH | {"SpecBucketName": BUCKET}
    with LocalCloudProcess(ROOT / "template.yaml", parameters, stack="buzzflow-research") as cloud:
        prepare(cloud)
        url = forward(bridge(), int(cloud.url.rsplit(":", 1)[1]))
        with tempfile.NamedTemporaryFile("w", suffix=".json") as env:
            json.dump(variables(cloud, url), env)
            env.flush()
            for folder in arguments.functions or FUNCTIONS:
                for event in sorted((ROOT / "functions" / folder / "events").glob("*.json")):
                    start = time.monotonic()
                    good, text = invoke(cloud, FUNCTIONS[folder], event, arguments.image, Path(env.name))
                    name = f"{folder}/{event.name}"
                    print(
                        f"sam local  {name:44} {'ok' if good else 'FAILED'}  {time.monotonic() - start:4.1f} s  {text}"
                    )
                    failed += not good
    print(f"sam local: {'every sample event was handled' if not failed else f'{failed} failed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
