"""Every command is documented, and documented commands are there."""

import re

import click

from deploy.local.cli import ruta
from tests.architecture.sources import ROOT

REFERENCE = (ROOT / "docs" / "reference" / "commands.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()


def commands(group, path):
    """Every command below `group` that has no further ones."""
    with click.Context(group) as context:
        for name in group.list_commands(context):
            one = group.get_command(context, name)
            if isinstance(one, click.Group):
                yield from commands(one, f"{path} {name}")
            else:
                yield f"{path} {name}", one


def test_every_command_of_ruta_is_in_the_reference():
    groups = {"ruta rules"}  # documented beside the rule tables
    missing = []
    for path, _ in commands(ruta, "ruta"):
        said = path.rpartition(" ")[0] if path.rpartition(" ")[0] in groups else path
        words = said.split()
        if said not in REFERENCE and not (" ".join(words[:-1]) in REFERENCE and f"`{words[-1]}" in REFERENCE):
            missing.append(path)
    assert missing == []


def test_every_command_says_what_it_does():
    assert [path for path, one in commands(ruta, "ruta") if not one.help] == []


def test_every_verb_of_make_is_in_the_reference_and_in_its_own_help():
    verbs = set(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, flags=re.MULTILINE)[0].split()) - {"help"}
    inner = {"run-time", "development"}
    assert {verb for verb in verbs - inner if f"make {verb}" not in REFERENCE} == set()
    assert {
        verb for verb in verbs - inner if not re.search(rf"^{verb}:.*## ", MAKEFILE, re.MULTILINE)
    } == set()
