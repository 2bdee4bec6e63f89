"""The files that architecture tests read."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("deploy", "services", "shared", "tests")


@cache
def all_files():
    """Every file of the repository, committed or about to be: what git would not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def python_files(*folders):
    return [
        path for path in all_files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
    ]


def text_files():
    """Every file that is text, with its content."""
    for path in all_files():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def name_of(path):
    return str(path.relative_to(ROOT))
