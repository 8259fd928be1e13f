"""Puts the packaged functions together: usage: package.py BUILD_DIR DIST_DIR

Each zip holds `bootstrap` (mode 755) and `certs/`, a hashed CA directory: OpenSSL then reads the one
certificate that a connection needs (1.4-4 ms) and not a whole bundle (20-37 ms). The directory holds files
named by subject hash, not the symbolic links that `openssl rehash` makes: zips and Lambda keep no links.
Deterministic: sorted names, fixed times.
"""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n?", re.DOTALL)
EPOCH = (1980, 1, 1, 0, 0, 0)


def hashed_certificates() -> dict[str, bytes]:
    """File name -> PEM text, named <subject hash>.<n> as OpenSSL looks them up."""
    files: dict[str, bytes] = {}
    for pem in PEM.findall(BUNDLE.read_text(encoding="ascii")):
        name = subprocess.run(
            ["openssl", "x509", "-noout", "-subject_hash"], input=pem, text=True, capture_output=True, check=True
        ).stdout.strip()
        n = 0
        while f"{name}.{n}" in files:
            n += 1
        files[f"{name}.{n}"] = pem.encode()
    return files


def add(archive: zipfile.ZipFile, name: str, data: bytes, mode: int) -> None:
    info = zipfile.ZipInfo(name, EPOCH)
    info.external_attr = (stat.S_IFREG | mode) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    archive.writestr(info, data, compresslevel=9)


def stripped(binary: Path, to: Path) -> bytes:
    subprocess.run(["strip", "-o", str(to), str(binary)], check=True)
    return to.read_bytes()


def check_static(binary: Path) -> None:
    headers = subprocess.run(["readelf", "-l", str(binary)], capture_output=True, text=True, check=True).stdout
    if "INTERP" in headers:
        sys.exit(f"{binary} is not static: it asks for a dynamic loader")


def main() -> None:
    build, dist = Path(sys.argv[1]), Path(sys.argv[2])
    dist.mkdir(exist_ok=True)
    certificates = hashed_certificates()
    work = build / "stripped"
    work.mkdir(exist_ok=True)
    for bootstrap in sorted((build / "functions").glob("*/bootstrap")):
        check_static(bootstrap)
        name = bootstrap.parent.name
        target = dist / f"{name}.zip"
        with zipfile.ZipFile(target, "w") as archive:
            add(archive, "bootstrap", stripped(bootstrap, work / name), 0o755)
            for file, pem in sorted(certificates.items()):
                add(archive, f"certs/{file}", pem, 0o644)
        print(f"{target}: {target.stat().st_size / 1024:.0f} KiB")
    tool = build / "buzzflow"
    if tool.exists():
        check_static(tool)
        stripped(tool, work / "buzzflow")
        shutil.copy(work / "buzzflow", dist / "buzzflow.new")
        (dist / "buzzflow.new").rename(dist / "buzzflow")
        print(f"{dist / 'buzzflow'}: {(dist / 'buzzflow').stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
