"""An image holds `shared/` and one service: that much is enough to start it, and no other service is there."""

import base64
import os
import shutil
import subprocess
import sys

import pytest

from tests.architecture.settings import all_settings
from tests.architecture.sources import ROOT

SERVICES = ("intake", "referral", "notifications")
WITHOUT = shutil.ignore_patterns("__pycache__", "build")


@pytest.fixture
def image(tmp_path, request):
    """The tree that `deploy/Dockerfile` copies for one service."""
    for name in ("shared", f"services/{request.param}", "deploy/image"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=WITHOUT)
    for name in ("services/__init__.py", "deploy/__init__.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return request.param, tmp_path


ONLY_THE_FOLDER = (
    "import sys; sys.meta_path[:] = [one for one in sys.meta_path if 'ditable' not in repr(one)]\n"
)
"""An image has no checkout: take away what finds one, when Ruta is installed to be edited."""


def python(folder, code, **env):
    return subprocess.run(
        [sys.executable, "-c", ONLY_THE_FOLDER + code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **env},
    )


def some_environment():
    """A value for every setting, none of which reaches anything."""
    key = base64.urlsafe_b64encode(bytes(32)).decode()
    values = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "BROKER_URL": "redis://127.0.0.1:1/0"}
    made = {}
    for one in all_settings():
        if one.required:
            ending = next((value for end, value in values.items() if one.name.endswith(end)), None)
            made[one.name] = ending or (key if "KEY" in one.name else "http://127.0.0.1:1")
    return {**made, "SMS_CHANNEL": "sandbox", "RUTA_ENVIRONMENT": "demo"}


@pytest.mark.parametrize("image", SERVICES, indirect=True)
class TestImage:
    def test_the_web_process_and_the_worker_start_from_what_it_holds(self, image):
        service, folder = image
        code = (
            f"import deploy.image.wsgi, deploy.image.healthy, deploy.image.migrate, services.{service}.worker"
        )
        done = python(folder, code, SERVICE=service, **some_environment())
        assert done.returncode == 0, done.stderr

    def test_so_do_the_sign_in_pages(self, image):
        _, folder = image
        done = python(folder, "import deploy.image.wsgi", SERVICE="account", **some_environment())
        assert done.returncode == 0, done.stderr

    def test_no_other_service_is_there(self, image):
        service, folder = image
        for other in SERVICES:
            if other != service:
                done = python(folder, f"import services.{other}")
                assert "ModuleNotFoundError" in done.stderr


def test_the_dockerfile_copies_no_more_than_that():
    lines = (ROOT / "deploy" / "Dockerfile").read_text().split("FROM ${PYTHON}\n")[-1].splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY ") and "--from" not in line}
    assert copied == {
        "shared/",
        "services/__init__.py",
        "services/${SERVICE}/",
        "deploy/__init__.py",
        "deploy/image/",
    }
