"""Fixtures for every test: a real PostgreSQL and a real Valkey, started once and only when a test asks."""

import os
import shutil

import pytest

from tests.support import stack as support

TOOLS = {
    "browser": "chromium",
    "gateway": "bearerbox",
    "rabbitmq": "rabbitmq-server",
    "namespaces": "ip",
    "faketime": "faketime",
    "promtool": "promtool",
}
"""Programs, outside Python's reach, that tests with a mark need."""
LACKING = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def stack():
    """The embedded stack with every schema migrated; shared by the run."""
    running, folder = support.start()
    yield running
    support.end(running, folder)


@pytest.fixture
def clean_stack(stack):
    """The stack with every table and the broker emptied."""
    stack.clean()
    return stack


def pytest_collection_modifyitems(config, items):
    """Leave out tests whose program this machine lacks, and say so. CI has them all, and leaves out nothing."""
    if os.environ.get("CI"):
        return
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    lacking = {mark: tool for mark, tool in TOOLS.items() if shutil.which(tool, path=path) is None}
    if os.geteuid() != 0:
        lacking["namespaces"] = "ip, as root"
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in lacking)]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
        config.stash[LACKING] = sorted(set(lacking.values()))


def pytest_terminal_summary(terminalreporter, config):
    for tool in config.stash.get(LACKING, ()):
        terminalreporter.write_line(f"tests that need the program {tool} were left out: it is not installed")
