"""Every setting that our code reads, by reading the code."""

import ast
import re
from dataclasses import dataclass

from tests.architecture.sources import ROOT, name_of, python_files

READ_BY_SCRIPTS = {"MIGRATION_DATABASE_URL", "SERVICE", "PORT", "WEB_WORKERS", "WEB_THREADS"}
"""What the scripts inside an image read, beside the dataclasses."""
READ_BY_LIBRARIES = {"OTEL_EXPORTER_OTLP_ENDPOINT"}


@dataclass(frozen=True)
class Known:
    name: str
    required: bool
    secret: bool
    where: str


def settings_of(path):
    """Every `setting(…)` in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "setting"
            and node.args
        ):
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            secret = isinstance(given.get("secret"), ast.Constant) and given["secret"].value
            yield Known(node.args[0].value, "default" not in given, bool(secret), name_of(path))


def all_settings():
    return [
        one
        for path in python_files("services", "shared")
        if path.name != "settings.py" or path.parent != ROOT / "shared"
        for one in settings_of(path)
    ]


def required_by(package):
    """Names that `package` (a folder) cannot start without."""
    return {one.name for one in all_settings() if one.required and one.where.startswith(package)}


def names_in(text):
    """Names of `NAME=value` lines, commented out or not, with their values."""
    return dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", text, flags=re.MULTILINE))
