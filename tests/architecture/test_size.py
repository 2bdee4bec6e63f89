"""A file stays a page or two, a function a screen. When one grows, it is split by subject."""

import ast

from tests.architecture.sources import OURS, name_of, python_files

LONGEST_FILE = 300
LONGEST_FUNCTION = 45


def functions_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_file_is_too_long():
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in python_files(*OURS)}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_too_long():
    long = {
        f"{name_of(path)}:{name}": length
        for path in python_files("deploy", "services", "shared")
        if "migrations" not in path.parts
        for name, length in functions_of(path)
        if length > LONGEST_FUNCTION
    }
    assert long == {}
