"""The local page: what happens in the cloud, as a person would want to see it. Served at /_local/page/.

The page is plain HTML, CSS and JavaScript modules in this folder, without any build step or outside asset. It reads the
control API (/_local/...) once a second; `pipelines` is published here.
"""

from __future__ import annotations

import re
from pathlib import Path

from localcloud import definition
from localcloud.interfaces import Cloud, Json, Request, Response

FOLDER = Path(__file__).parent
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_NAME = re.compile(r"[a-z0-9_\-]+\.(html|css|js|svg)")
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' https: data:"


def serve(request: Request) -> Response:
    """A file of this folder. Names with anything but letters, digits, - and _ do not exist."""
    name = request.path.strip("/") or "index.html"
    if request.method not in ("GET", "HEAD") or not _NAME.fullmatch(name):
        return Response("<p>not found", 404)
    path = FOLDER / name
    if not path.is_file():
        return Response("<p>not found", 404)
    headers = {
        "Content-Type": TYPES[path.suffix],
        "Cache-Control": "no-cache",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return Response(path.read_bytes(), 200, headers)


def pipelines(cloud: Cloud) -> list[dict[str, Json]]:
    """Every pipeline with its steps and what each waits for, in the order of the definition."""
    rows = []
    for pipeline in cloud.backend("sagemaker").pipelines.values():
        try:
            read = definition.read(pipeline.pipeline_definition, pipeline.pipeline_name)
        except definition.DefinitionError:
            continue  # made before the strict SageMaker was in place
        steps = [
            {
                "name": step.name,
                "type": step.type,
                "needs": sorted(step.needs),
                "parent": step.parent,
                "branch": step.branch,
                "description": step.body.get("Description", ""),
            }
            for step in read.steps.values()
        ]
        rows.append(
            {
                "name": pipeline.pipeline_name,
                "arn": pipeline.arn,
                "description": pipeline.pipeline_description or "",
                "updated": pipeline.last_modified_time.timestamp(),
                "tags": {t["Key"]: t["Value"] for t in pipeline.tags},
                "parameters": [
                    {"name": p["Name"], "type": p["Type"], "default": p.get("DefaultValue")}
                    for p in read.parameters.values()
                ],
                "steps": steps,
            }
        )
    return rows


def install(cloud: Cloud) -> None:
    cloud.route("/_local/page/", serve)
    cloud.publish("pipelines", lambda query: pipelines(cloud))
