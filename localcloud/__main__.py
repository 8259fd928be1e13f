"""python3 -m localcloud: start a cloud, deploy a template, say where everything is, follow the functions' logs."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from localcloud.cloud import LocalCloud
from localcloud.control import instant

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    arguments = _arguments()
    level = logging.INFO if arguments.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for noisy in ("moto", "werkzeug", "botocore", "samtranslator"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    scenario = json.loads(Path(arguments.scenario).read_text()) if arguments.scenario else {}
    cloud = LocalCloud(
        emulator=Path(arguments.emulator),
        region=arguments.region,
        account=arguments.account,
        port=arguments.port,
        start=instant(arguments.start) if arguments.start else None,
        speed=arguments.speed,
        scenario=scenario,
        concurrency=arguments.concurrency,
        check_skew=arguments.check_skew,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        code = {name: Path(path) for name, path in _parameters(arguments.code).items()}
        for name, parameters in _stacks(arguments):
            template = Path(arguments.template)
            cloud.deploy(template, cloud.furnish(parameters, template), name, code)
        _announce(cloud, arguments.ready)
        _follow(cloud, stop, arguments.follow)
    finally:
        cloud.close()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m localcloud", description=__doc__)
    parser.add_argument("--template", help="SAM template to deploy (none: an empty account)")
    parser.add_argument("--parameter", action="append", default=[], metavar="K=V", help="a parameter of the template")
    parser.add_argument("--stack", default="buzzflow", help="name of the stack (default: buzzflow)")
    parser.add_argument(
        "--also", action="append", default=[], metavar="STACK:K=V;K=V", help="one more stack of the same template"
    )
    parser.add_argument(
        "--code", action="append", default=[], metavar="ID=PATH", help="run this zip or directory for a function"
    )
    parser.add_argument("--scenario", help="JSON file that says how pipeline runs go")
    parser.add_argument("--speed", type=float, default=1, help="virtual seconds per second; 0 stands still")
    parser.add_argument("--start", help="what time it is, like 2026-03-01T00:00:00Z (default: now)")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--region", default="us-west-2")
    parser.add_argument("--account", default="123456789012")
    parser.add_argument("--concurrency", type=int, default=2, help="batches of one queue worked on at once")
    parser.add_argument("--check-skew", action="store_true", help="refuse requests signed over 5 minutes off")
    parser.add_argument("--emulator", default=str(ROOT / "build" / "aws-lambda-rie"), help="see scripts/get-rie")
    parser.add_argument("--ready", help="file to write {url, pid, stacks} to, once everything is deployed")
    parser.add_argument("--follow", action="store_true", help="print the functions' log lines as they come")
    parser.add_argument("--verbose", action="store_true")
    return parser.parse_args()


def _stacks(arguments: argparse.Namespace) -> list[tuple[str, dict[str, str]]]:
    """Name and parameters of each stack that is asked for."""
    if not arguments.template:
        return []
    stacks = [(arguments.stack, _parameters(arguments.parameter))]
    for spec in arguments.also:
        name, _, values = spec.partition(":")
        stacks.append((name, _parameters(values.split(";"))))
    return stacks


def _parameters(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given if text]
    return {name: value for name, _, value in pairs}


def _announce(cloud: LocalCloud, ready: str | None) -> None:
    facts: dict[str, Any] = {
        "url": cloud.url,
        "region": cloud.region,
        "account": cloud.account,
        "access_key": cloud.identity.admin.access_key,
        "secret_key": cloud.identity.admin.secret_key,
        "stacks": {name: stack.outputs for name, stack in cloud.stacks.items()},
    }
    print(f"local cloud   {cloud.url}\ncontrol API   {cloud.url}/_local/\npage          {cloud.url}/_local/page/")
    print(f"keys          AWS_ACCESS_KEY_ID={facts['access_key']} AWS_SECRET_ACCESS_KEY={facts['secret_key']}")
    for name, outputs in facts["stacks"].items():
        print(f"stack         {name}")
        for key, value in outputs.items():
            print(f"              {key} = {value}")
    sys.stdout.flush()
    if ready:
        path = Path(ready)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(facts))
        partial.rename(path)


def _follow(cloud: LocalCloud, stop: threading.Event, follow: bool) -> None:
    seen = {f.name: 0 for f in cloud.functions.all()}
    while not stop.wait(0.2):
        if not follow:
            continue
        for function in cloud.functions.all():
            lines = list(function.lines)
            for row in lines[seen.get(function.name, 0) :]:
                at = time.strftime("%H:%M:%S", time.gmtime(row["at"]))
                print(f"{at} {function.name}: {row['line']}", flush=True)
            seen[function.name] = len(lines)


if __name__ == "__main__":
    raise SystemExit(main())
