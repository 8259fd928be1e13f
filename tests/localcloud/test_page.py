"""The local page: its files, what it is given to read, and what a browser makes of them."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws
from sagemaker_world import DEFINITIONS, ROLE, World, client

from localcloud import page, sagemaker, slack
from localcloud.interfaces import SLACK_BOT_TOKEN, Request

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FILES = sorted(p.name for p in page.FOLDER.iterdir() if p.suffix in page.TYPES)


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        world = World()
        sagemaker.install(world)
        slack.install(world)
        page.install(world)
        yield world
        sagemaker.uninstall()


def get(path: str, method: str = "GET") -> Any:
    return page.serve(Request(method, path, {}, {}, b""))


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_with_its_type(name: str) -> None:
    answer = get(name)
    assert answer.status == 200
    assert answer.body == (page.FOLDER / name).read_bytes()
    assert answer.headers["Content-Type"] == page.TYPES[Path(name).suffix]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_folder_itself_is_the_page() -> None:
    assert b"<!doctype html>" in get("").body


@pytest.mark.parametrize(
    "path", ["../sagemaker.py", "__init__.py", "/etc/passwd", "a/../index.html", "none.html", ".css"]
)
def test_nothing_else_is_served(path: str) -> None:
    assert get(path).status == 404


def test_nothing_is_changed_by_the_page() -> None:
    assert get("index.html", "POST").status == 404


def test_the_page_needs_nothing_from_outside() -> None:
    for name in FILES:
        text = (page.FOLDER / name).read_text()
        for used in re.findall(r'(?:from|src=|href=)\s*"([^"]+)"', text):
            assert used.startswith("#") or (page.FOLDER / used.removeprefix("./")).is_file(), (name, used)
        assert "innerHTML" not in re.sub(r"//.*", "", text)
        assert not re.search(r"url\(\s*[\"']?https?:", text)


def create(name: str, file: str) -> None:
    client().create_pipeline(
        PipelineName=name,
        PipelineDefinition=(DEFINITIONS / file).read_text(),
        RoleArn=ROLE,
        ClientRequestToken=uuid.uuid4().hex,
    )


def test_pipelines_are_told_as_graphs(world: World) -> None:
    create("ctr-daily", "ctr-daily.production.definition.json")
    (row,) = world.published["pipelines"]({})
    steps = {s["name"]: s for s in row["steps"]}
    assert steps["evaluate"]["needs"] == ["preprocess", "train"]
    assert (steps["register"]["parent"], steps["register"]["branch"]) == ("gate", "IfSteps")
    assert (steps["reject"]["parent"], steps["reject"]["branch"]) == ("gate", "ElseSteps")
    assert {"name": "run_date", "type": "String", "default": None} in row["parameters"]


HOSTILE = "<img src=x onerror=document.title='owned'> &lt;script&gt; *bold* `code` <https://example.com|a link> 🔴"


@pytest.fixture
def server(world: World) -> Iterator[str]:
    """The page over HTTP, with a pipeline, a failed run and a thread to show."""
    create("hello", "hello.definition.json")
    world.scenario = {"pipelines": {"hello": {"steps": {"greet": {"fail": "AlgorithmError: <b>boom</b>"}}}}}
    client().start_pipeline_execution(PipelineName="hello", ClientRequestToken=uuid.uuid4().hex)
    world.clock.advance(100)
    at = post(world, "chat.postMessage", channel="#ml", text="first")
    text = {"type": "mrkdwn", "text": HOSTILE}
    box = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "</pre><script>log</script>"}]}
    blocks = [{"type": "section", "text": text}, {"type": "rich_text", "elements": [box]}]
    post(world, "chat.update", channel=at["channel"], ts=at["ts"], text="second", blocks=blocks)
    post(world, "chat.postMessage", channel=at["channel"], thread_ts=at["ts"], text="the cause")
    queue = {"name": "buzzflow-x-rerun", "visible": 2, "hidden": 1, "delayed": 0, "dead_letters": None}
    call = {"n": 1, "at": 1.0, "caller": "buzzflow-x-rerun", "service": "sqs", "operation": "SendMessage"}
    call |= {"method": "POST", "path": "/", "status": 403, "code": "AccessDenied", "ms": 1.5, "fault": ""}
    more = {"clock": {"now": world.clock.now(), "speed": 1}, "queues": [queue], "wire": [call], "violations": []}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            name = path.removeprefix("/_local/")
            if path.startswith("/_local/page/"):
                answer = page.serve(Request("GET", path.removeprefix("/_local/page/"), {}, {}, b""))
                status, headers, body = answer.status, answer.headers, answer.body
            else:
                found = more[name] if name in more else world.published[name]({})
                status, headers, body = 200, {"Content-Type": "application/json"}, json.dumps(found).encode()
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{served.server_address[1]}/_local/page/"
    served.shutdown()
    served.server_close()


def post(world: World, method: str, **arguments: Any) -> Any:
    headers = {"authorization": f"Bearer {SLACK_BOT_TOKEN}", "content-type": "application/json"}
    request = Request("POST", method, {}, headers, json.dumps(arguments).encode())
    answer = world.routes["/slack/api/"](request).body
    assert answer["ok"], answer
    return answer


def rendered(url: str, folder: Path) -> str:
    """The DOM after the page has drawn itself."""
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}"]
    done = subprocess.run(
        [*command, "--virtual-time-budget=3000", "--dump-dom", url], capture_output=True, text=True, timeout=120
    )
    return done.stdout


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
def test_a_browser_shows_the_channel_and_keeps_text_text(server: str, tmp_path: Path) -> None:
    dom = rendered(server, tmp_path)
    assert "<title>buzzflow" in dom
    assert "&lt;/pre&gt;&lt;script&gt;log&lt;/script&gt;" in dom
    assert "<script>log" not in dom
    assert '<img src="x"' not in dom
    assert "<strong>bold</strong>" in dom
    assert "<code>code</code>" in dom
    assert 'href="https://example.com"' in dom
    assert 'aria-label="🔴"' in dom
    assert "1 reply" in dom
    assert "the cause" in dom
    assert "(edited once)" in dom


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        ("#/pipeline/hello", ['class="box failed', "AlgorithmError: &lt;b&gt;boom&lt;/b&gt;", "who"]),
        ("#/queues", ["x-rerun", "in flight"]),
        ("#/wire", ["SendMessage", "AccessDenied"]),
        ("#/channel/ml", ["the cause"]),
    ],
)
def test_a_browser_shows_each_view(server: str, tmp_path: Path, view: str, wanted: list[str]) -> None:
    dom = rendered(server + view, tmp_path)
    for text in wanted:
        assert text in dom
