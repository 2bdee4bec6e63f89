"""Tables published with an earlier release go on deciding; what they lack since is said, and can be taken in."""

import pytest
from bs4 import BeautifulSoup

from services.referral.domain.pathway_tables import packaged_files
from tests.integration.referral.browsing import Person
from tests.integration.referral.callers import AUTHOR, SECOND, Caller
from tests.integration.referral.drafting import EVERYTHING, a_draft, published, upload
from tests.integration.referral.world import a_service

PAGE = "/referral/rules/standing"


@pytest.fixture
def coordinators(world, app):
    app.extensions["ruta"].resources["router"].catalogue.forget()
    world.directory(a_service("Todo", *EVERYTHING, capabilities=("cmr_kit",)))
    return [Caller(app, "coordinator", account_id=one) for one in (AUTHOR, SECOND)]


@pytest.fixture
def older(coordinators):
    """In force: tables without a row and a promise that this release has."""
    author, second = coordinators
    made = a_draft(author)
    for table, row in (("follow_up", "F-ANY-04,"), ("invariants", "INV-52,")):
        lines = packaged_files()[f"{table}.csv"].splitlines(keepends=True)
        answer = upload(author, made, table, "".join(line for line in lines if not line.startswith(row)))
        assert answer.status_code == 200, answer.text
        made = answer.get_json()
    return published(author, second, made)


def said_on(app):
    answer = Person(app, "coordinator", account_id=AUTHOR).open(PAGE)
    return BeautifulSoup(str(answer), "html.parser").find("main")


def test_a_coordinator_reads_what_her_tables_lack_and_gets_the_rows(older, app):
    page = said_on(app)
    listed = page.find(id="lacking").find_all_next("li")[:2]
    assert {one.text.partition(":")[0] for one in listed} == {"F-ANY-04", "INV-52"}
    assert "La persona confirma que se resolvió" in page.text
    link = page.find("a", href="/referral/rules/packaged/tables/follow_up.csv")
    file = Person(app, "coordinator", account_id=AUTHOR).client.get(link["href"])
    assert "F-ANY-04" in file.text


def test_a_program_reads_the_same(older, coordinators):
    lacking = coordinators[0].get("/pathways/in-force").get_json()["lacking"]
    assert [(one["table"], one["row"]) for one in lacking] == [
        ("invariants", "INV-52"),
        ("follow_up", "F-ANY-04"),
    ]


def test_tables_that_have_every_row_are_not_said_to_lack_any(coordinators, app):
    assert said_on(app).find(id="lacking") is None
    published(*coordinators, a_draft(coordinators[0]))
    assert said_on(app).find(id="lacking") is None
    assert coordinators[0].get("/pathways/in-force").get_json()["lacking"] == []


@pytest.mark.parametrize("path", ["none.csv", "priority.pdf"])
def test_what_does_not_come_with_ruta_is_not_found(app, world, path):
    client = Person(app, "coordinator", account_id=AUTHOR).client
    assert client.get(f"/referral/rules/packaged/tables/{path}").status_code == 404
