"""Every setting is in `.env.example`, and nothing else is; no secret has a value there or a default in the code."""

import ast
import re

from tests.architecture.settings import READ_BY_LIBRARIES, READ_BY_SCRIPTS, all_settings, names_in
from tests.architecture.sources import ROOT, name_of, python_files

EXAMPLE = (ROOT / ".env.example").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()


def test_the_example_names_every_setting():
    assert {one.name for one in all_settings()} - set(names_in(EXAMPLE)) == set()


def test_the_example_names_nothing_that_nobody_reads():
    read = (
        {one.name for one in all_settings()}
        | READ_BY_SCRIPTS
        | READ_BY_LIBRARIES
        | set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))
    )
    assert set(names_in(EXAMPLE)) - read == set()


def test_every_setting_has_a_line_above_it_that_says_what_it_is():
    lines = EXAMPLE.splitlines()
    starts = {"": False}
    for number, line in enumerate(lines):
        match = re.match(r"^(?:# )?([A-Z][A-Z0-9_]+)=", line)
        if match:
            block = lines[max(0, number - 12) : number]
            starts[match.group(1)] = any(text.startswith("# ") for text in block)
    assert [name for name, said in starts.items() if name and not said] == []


def test_no_secret_has_a_value_in_the_example_or_a_default_in_the_code():
    values = {
        name: value
        for name, value in re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE, flags=re.MULTILINE)
        if re.search(r"PASSWORD|SECRET|_KEY$", name)
    }
    assert {name: value for name, value in values.items() if value} == {}
    for path in python_files("services", "shared"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setting":
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                if "secret" in given and "default" in given:
                    assert ast.literal_eval(given["default"]) in ("", None), name_of(path)


def test_a_setting_that_looks_like_a_secret_is_declared_as_one():
    looks = re.compile(r"PASSWORD|SECRET|ENCRYPTION_KEY|DATABASE_URL|BROKER_URL")
    assert {
        (one.name, one.where) for one in all_settings() if looks.search(one.name) and not one.secret
    } == set()
