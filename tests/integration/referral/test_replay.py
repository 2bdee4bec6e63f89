"""Past cases through other rules: what changes, for whom it is told, and with which directory."""

from services.referral.domain.pathway_tables import packaged_files
from shared.clock import rfc3339
from tests.integration.referral.browsing import Person, form_of
from tests.integration.referral.callers import Caller
from tests.integration.referral.drafting import a_draft, changed, upload
from tests.integration.referral.test_directory_history import say
from tests.integration.referral.world import a_service, an_assessment, an_id


def assessed(directory, *needs, **changes):
    """An assessment of this very moment."""
    return an_assessment(*needs, assessed_at=rfc3339(directory.now), **changes)


def more_urgent(author):
    """A draft by which distress is more urgent."""
    made = a_draft(author)
    return upload(author, made, "priority", changed("U-26", '""P2""', '""P1""')).get_json()


def replayed(author, made, **body):
    answer = author.post(f"/pathways/{made['id']}/replay", body)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


class TestReplay:
    def test_live_against_itself_differs_in_nothing(self, directory, author):
        directory.route(*(assessed(directory, "MHP.DIST", "LEG.REG") for _ in range(8)))
        found = replayed(author, a_draft(author))
        assert (found["cases"], found["needs"], found["differences"]) == (8, 16, 0)
        assert (found["matrix"], found["changes"], found["groups"], found["providers"]) == ([], [], [], [])
        assert found["stops"] is False

    def test_a_planted_change_gives_exactly_itself_with_its_reason(self, directory, author):
        directory.route(*(assessed(directory, "MHP.DIST", "LEG.REG") for _ in range(8)))
        made = a_draft(author)
        text = changed("R-MHP-03.1", '""PS_BASIC""', '""PS_CRISIS""', table="routing")
        upload(author, made, "routing", text)
        found = replayed(author, made)
        assert found["differences"] == 8
        (moved,) = found["matrix"]
        assert (moved["count"], moved["more"]) == (8, False)
        (one,) = found["changes"]
        assert (one["need"], one["age_band"], one["gender"], one["count"]) == (
            "MHP.DIST",
            "18-59",
            "woman",
            8,
        )
        assert (one["before"], one["after"]) == (moved["before"], moved["after"])
        assert found["groups"] == [{"need": "MHP.DIST", "age_band": "18-59", "gender": "woman", "count": 8}]

    def test_the_rows_that_made_the_difference_are_told_with_their_titles(self, directory, author):
        directory.route(*(assessed(directory, "MHP.DIST") for _ in range(6)))
        made = a_draft(author)
        text = changed("U-27a", '"HEA.PREGHR"', '"HEA.PREGHR"", ""MHP.DIST"')
        upload(author, made, "priority", text)
        (one,) = replayed(author, made)["changes"]
        assert one["only_before"] == []
        assert one["only_after"] == [{"row": "U-27a", "title": "Embarazo de alto riesgo"}]
        assert {"aspect": "priority", "before": "P2", "after": "P1"} in one["details"]
        reader = Caller(author.client.application, "coordinator", locale="en")
        english = replayed(reader, made)
        assert english["changes"][0]["only_after"][0]["title"] == "High-risk pregnancy"

    def test_rules_without_an_answer_are_a_difference_and_stop_what_protects(self, directory, author):
        """Nothing is due any more for a rape: these rules are silent about it."""
        raped = ("GBV.RAPE", {"elapsed": "le_24h", "danger_now": "no"})
        directory.route(assessed(directory, raped))
        made = a_draft(author)
        rows = packaged_files()["routing.csv"].split("\n")
        silent = [rows[0], *(one for one in rows[1:] if "GBV.RAPE" not in one and one.startswith("R-"))]
        upload(author, made, "routing", "\n".join(silent))
        found = replayed(author, made)
        assert found["stops"] is True
        assert [one["after"] for one in found["changes"]] == ["P1 –"]

    def test_a_new_row_of_priority_decides_like_the_others(self, directory, author):
        directory.route(*(assessed(directory, "MHP.DIST") for _ in range(5)))
        made = a_draft(author)
        lines = packaged_files()["priority.csv"].split("\n")
        twin = next(one for one in lines if one.startswith("U-26,")).replace("U-26", "U-26-BIS", 1)
        lines.insert(1, twin.replace('""P2""', '""P1""'))
        upload(author, made, "priority", "\n".join(lines))
        found = replayed(author, made)
        assert found["stops"] is False
        assert [one["row"] for one in found["changes"][0]["only_after"]] == ["U-26-BIS"]

    def test_a_small_group_has_no_number_and_no_age_or_gender(self, directory, author):
        directory.route(*(assessed(directory, "MHP.DIST") for _ in range(4)))
        found = replayed(author, more_urgent(author))
        assert found["differences"] is None
        assert found["matrix"][0]["count"] is None
        for one in (*found["changes"], *found["groups"]):
            assert (one["age_band"], one["gender"], one["count"]) == (None, None, None)

    def test_a_few_beside_many_cannot_be_told_by_subtracting(self, directory, author):
        directory.route(*(assessed(directory, "MHP.DIST") for _ in range(7)))
        directory.route(*(assessed(directory, "MHP.DIST", gender="trans_man") for _ in range(2)))
        found = replayed(author, more_urgent(author))
        assert (found["differences"], found["more"]) == (7, True)
        assert (found["matrix"][0]["count"], found["matrix"][0]["more"]) == (7, True)
        assert sorted((one["gender"] or "", one["count"]) for one in found["changes"]) == [
            ("", None),
            ("woman", 7),
        ]
        assert "trans_man" not in str(found)

    def test_a_survivor_who_would_lose_a_route_stops_it(self, directory, author):
        raped = ("GBV.RAPE", {"elapsed": "le_24h", "danger_now": "no"})
        directory.route(assessed(directory, raped))
        made = a_draft(author)
        text = changed("R-GBV-01.1", '""HE_CMR""', '""HE_PRIM""', table="routing")
        found = replayed(author, upload(author, made, "routing", text).get_json())
        assert found["stops"] is True
        assert any(one["loses_protection"] for one in found["changes"])
        assert found["changes"][0]["loses_protection"]

    def test_a_survivor_whose_help_would_only_come_later_stops_it(self, directory, author):
        """The same help is named, yet it is no longer sent at once."""
        raped = ("GBV.RAPE", {"elapsed": "le_24h", "danger_now": "no"})
        directory.route(assessed(directory, raped))
        made = a_draft(author)
        text = changed("R-GBV-01.4", '""PAR""', '""THEN""', table="routing")
        found = replayed(author, upload(author, made, "routing", text).get_json())
        assert found["stops"] is True
        assert any(detail["aspect"] == "mode" for one in found["changes"] for detail in one["details"])

    def test_the_directory_of_then_stays_what_it_was(self, directory, author):
        """The provider of today is another one: the past decisions went to the first, as they did."""
        directory.directory(a_service("Apoyo", "PS_BASIC", "PS_FOCUS"))
        directory.route(*(assessed(directory, "MHP.DIST") for _ in range(6)))
        made = more_urgent(author)
        before = replayed(author, made, directory="then")
        directory.later(minutes=5)
        directory.directory(a_service("Apoyo", "PS_BASIC", "PS_FOCUS", status="defunct"))
        assert replayed(author, made, directory="then") == before
        assert before["directories"]["then"]["gaps_after"] == 0
        found = replayed(author, made)
        assert found["directories"]["then"] == before["directories"]["then"]
        assert found["directories"]["now"]["gaps_after"] >= 5
        assert found["unknown_then"] == 0

    def test_a_few_whom_nobody_could_help_have_no_number_on_the_page(self, app, directory, author):
        directory.route(*(assessed(directory, "MHP.DIST") for _ in range(2)))
        made = more_urgent(author)
        gaps = replayed(author, made)["directories"]["then"]
        assert (gaps["gaps_before"], gaps["gaps_after"]) == (None, None)
        person = Person(app, "coordinator", account_id=an_id("author"))
        page = person.open(f"/referral/rules/{made['id']}")
        said = person.send(form_of(page, "/replay#replay"), directory="both").get_data(as_text=True)
        assert "antes menos de 5, después menos de 5" in said

    def test_providers_are_told_by_name_then_and_now(self, directory, author):
        directory.directory(a_service("Primera", "PS_BASIC"))
        directory.route(*(assessed(directory, "MHP.DIST") for _ in range(6)))
        directory.later(minutes=5)
        directory.directory(a_service("Primera", "PS_BASIC", status="defunct"), a_service("Otra", "PS_BASIC"))
        made = a_draft(author)
        text = changed("R-MHP-03.1", '""PS_BASIC""', '""FOOD""', table="routing")
        upload(author, made, "routing", text)
        found = replayed(author, made)
        told = {one["name"]: (one["then"], one["now"]) for one in found["providers"]}
        assert told == {
            "Primera ejemplo": (-6, 0),
            "Otra ejemplo": (0, -6),
            "Todo ejemplo": (6, 6),
        }

    def test_the_rules_in_force_decide_with_the_directory_of_then_as_they_did(self, directory, author):
        """Also where places ran out: for urgent needs each of these decisions hung on who waited already."""
        names = [f"Crisis {number}" for number in range(3)]
        directory.directory(*(a_service(name, "PS_CRISIS", "PS_SPEC") for name in names))
        for number, name in enumerate(names):
            say(directory, name, number + 1)
        plan = ("MHP.SUIC", {"suicide_plan": "yes"})
        for _ in range(4):
            directory.later(minutes=2)
            directory.route(*(assessed(directory, plan, "LEG.REG") for _ in range(5)))
            open_ones = [one for one in directory.referrals() if str(one.status) == "requested"]
            directory.step(open_ones[-1], "accept")
        found = replayed(author, a_draft(author), directory="then")
        gaps = directory.rows("SELECT count(*) AS n FROM referral.gap WHERE referral_id IS NULL")[0]["n"]
        assert gaps > 0
        assert found["directories"]["then"]["gaps_before"] == gaps
        assert found["cases"] == 20
