"""Several web processes behind one port, started as an image starts them, are one service to whoever watches it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from deploy.local.embedded.ports import free_port
from tests.architecture.sources import ROOT
from tests.model.pipeline import environment_of

CALLS = 40


@pytest.fixture
def url(clean_stack, tmp_path):
    port = free_port()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PORT": str(port),
        "SERVICE": "intake",
        "TMPDIR": str(tmp_path),
        "WEB_WORKERS": "2",
        **environment_of(clean_stack),
    }
    process = subprocess.Popen(["sh", "deploy/image/start.sh", "web"], cwd=ROOT, env=environment)
    yield f"http://127.0.0.1:{port}/intake"
    process.terminate()
    process.wait(30)


def answers(url):
    try:
        return requests.get(url, timeout=5).ok
    except requests.ConnectionError:
        return False


def counted(url):
    """How many calls to `health` the process that happens to answer knows of."""
    text = requests.get(f"{url}/metrics", timeout=10).text
    assert "ruta_http_seconds_bucket" in text
    assert 'ruta_check_ok{check="database",service="intake"} 1.0' in text
    return sum(
        float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.startswith("ruta_http_requests_total") and 'route="/intake/health"' in line
    )


def test_whichever_answers_tells_the_sum(url, tmp_path):
    until = time.monotonic() + 30
    while not answers(f"{url}/health") or len(list(tmp_path.rglob("counter_*.db"))) < 2:
        assert time.monotonic() < until
        time.sleep(0.05)
    before = counted(url)
    for _ in range(CALLS):
        assert answers(f"{url}/health")
    assert {counted(url) for _ in range(10)} == {before + CALLS}
