"""Pages that point at one another point at something."""

import re

from tests.architecture.sources import all_files, name_of

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_every_relative_link_leads_somewhere():
    broken = []
    for page in all_files():
        if page.suffix == ".md":
            for target in LINK.findall(page.read_text()):
                if (
                    "://" not in target
                    and not target.startswith("mailto:")
                    and not (page.parent / target).exists()
                ):
                    broken.append(f"{name_of(page)}: {target}")
    assert broken == []
