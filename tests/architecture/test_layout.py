"""Rooms and names: the same in every service, and nothing in the repository that ties it to one machine."""

import re

import pytest

from tests.architecture.sources import ROOT, all_files, name_of, python_files, text_files

SERVICES = ("intake", "referral", "notifications")
IN_EVERY_SERVICE = (
    "__init__ app worker settings celery_app api pages subscriptions operations schemas domain store tables migrations"
).split()
UNNAMED = {"service.py", "utils.py", "util.py", "helpers.py", "common.py", "misc.py", "manager.py"}
HIDES_A_STANDARD_NAME = {"http.py", "logging.py", "queue.py", "celery.py", "json.py", "email.py"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_rooms(service):
    folder = ROOT / "services" / service
    missing = [
        name
        for name in IN_EVERY_SERVICE
        if not (folder / name).is_dir() and not (folder / f"{name}.py").is_file()
    ]
    assert missing == []


def test_no_file_has_a_name_that_says_nothing():
    names = {name_of(path) for path in python_files("deploy", "services", "shared") if path.name in UNNAMED}
    assert names == set()


def test_no_file_hides_a_module_of_the_standard_library():
    assert {name_of(path) for path in all_files() if path.name in HIDES_A_STANDARD_NAME} == set()


def test_no_registry_or_package_host_is_named():
    parts = (
        "py pi.org",
        "pythonhos ted",
        "npm js",
        "deb.deb ian",
        "docker .io",
        "ghcr .io",
        "quay .io",
        "gcr .io",
    )
    hosts = re.compile("|".join(re.escape(part.replace(" ", "")) for part in parts))
    assert [name_of(path) for path, text in text_files() if hosts.search(text)] == []


def test_no_path_of_one_machine_is_named():
    paths = re.compile(r"(?<![\w.])/(?:home/\w|root/|Users/\w|work/|opt/pypi)")
    found = [
        name_of(path) for path, text in text_files() if paths.search(text) and path.name != "test_layout.py"
    ]
    assert found == []


def test_no_third_party_code_is_kept_here():
    """Compiled, minified or vendored files come from locked packages at set-up."""
    unwanted = {".so", ".dll", ".exe", ".whl", ".jar", ".woff", ".woff2", ".ttf", ".map", ".mo"}
    found = [name_of(path) for path in all_files() if path.suffix in unwanted or ".min." in path.name]
    assert found == []


def test_no_test_is_skipped_or_expected_to_fail():
    mark = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b")
    found = [
        name_of(path)
        for path in python_files("tests")
        if mark.search(path.read_text()) and path.name != "test_layout.py"
    ]
    assert found == []


def test_the_domain_never_reads_the_clock():
    clock = re.compile(r"utc_now|datetime\.now|date\.today|time\.time\(")
    domain = [path for path in python_files("services") if "domain" in path.parts]
    assert [name_of(path) for path in domain if clock.search(path.read_text())] == []
