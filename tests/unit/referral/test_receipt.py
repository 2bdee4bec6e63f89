import json
import random
import re
from dataclasses import replace
from datetime import date

import pytest

from services.referral.domain.bundle import bundle, service_from
from services.referral.domain.directory import Capacity, CapacityStatus, Opening
from services.referral.domain.filters import FILTERS
from services.referral.domain.matching import WHY_NOT_KEPT, match
from services.referral.domain.receipt import Ground, canonical, found_in, receipt, rederived
from services.referral.domain.receipt_text import READERS, WARNINGS, WHY_NOT, reason, text, why_not
from tests.unit.referral.test_matching import LATER, MONDAY_NOON, a_service, snapshot, wanted

GROUND = Ground(
    pathway="community",
    pathway_version="0123456789abcdef",
    directory_version=7,
    need_id="0190c000-0000-7000-8000-000000000001",
    need_code="LEG.REG",
    facts={},
    assumed=("danger_now",),
    priority=2,
    deadline_hours=72,
    window_hours=None,
    urgency_rows=("U-34",),
    route={"row_id": "R-LEG-01.1", "service": "LEG_MIG", "mode": "FIRST"},
    offers=("PEER",),
)


def titles(row_id):
    return (f"Título de {row_id}", f"Title of {row_id}")


def a_receipt(*services, want=None, ground=GROUND):
    asked = want or wanted()
    found = match(snapshot(*services), asked, now=MONDAY_NOON)
    return receipt(ground, asked, found, now=MONDAY_NOON)


def full(number):
    return a_service(number, capacity=Capacity(CapacityStatus.NO_CAPACITY, 0, MONDAY_NOON.replace(year=2027)))


class TestRecord:
    def test_the_same_inputs_give_the_same_bytes(self):
        services = [a_service(number) for number in range(1, 6)]
        assert canonical(a_receipt(*services)) == canonical(a_receipt(*reversed(services)))

    def test_the_choice_follows_from_the_record_alone(self):
        services = [a_service(number) for number in range(1, 6)]
        body = a_receipt(*services)
        assert rederived(body) == body["candidates"][0]["service_id"]
        body["candidates"].reverse()
        assert rederived(body) == body["candidates"][-1]["service_id"]

    def test_withheld_organizations_are_counted_and_not_named(self):
        other = a_service(9).organization_id
        body = a_receipt(a_service(1), want=wanted(withheld=frozenset({other})))
        assert body["asked"]["withheld"] == 1
        assert other not in canonical(body).decode()

    def test_inputs_that_were_not_used_are_not_kept(self):
        assert "accessibility" not in a_receipt(a_service(1))["asked"]


class TestWhyNot:
    def test_every_filter_has_a_sentence(self):
        assert set(FILTERS) <= set(WHY_NOT)
        for code in WHY_NOT:
            assert reason(code, "es") != reason(code, "en")

    def test_each_candidate_has_an_answer(self):
        services = [a_service(1), a_service(2), full(3)]
        body = a_receipt(*services)
        answers = {service.id: why_not(body, service.id) for service in services}
        assert sorted(answers.values()) == ["chosen", "lower_score", "no_capacity"]
        assert why_not(body, a_service(8).id) is None


class TestText:
    @pytest.mark.parametrize("reader", READERS)
    @pytest.mark.parametrize("locale", ["es", "en"])
    @pytest.mark.parametrize("services", [(), (1,), (1, 2, 3)])
    def test_every_reader_gets_whole_sentences(self, reader, locale, services):
        body = a_receipt(*(a_service(number, types=frozenset({"LEG_MIG"})) for number in services))
        lines = text(body, reader, locale, titles)
        assert all(lines)
        assert "None" not in " ".join(lines[:-1])

    def test_the_worker_reads_rules_scores_and_what_was_left_out(self):
        lines = " ".join(text(a_receipt(a_service(1), full(2)), "worker", "es", titles))
        for expected in (
            "P2",
            "U-34",
            "Título de R-LEG-01.1",
            "Servicio ejemplo 1",
            "no tiene cupo",
            "pares",
        ):
            assert expected in lines

    def test_warnings_are_said(self):
        service = replace(a_service(1), capacity=Capacity(), verified_at=None)
        lines = " ".join(text(a_receipt(service), "worker", "es", titles))
        for code in ("not_verified_lately", "capacity_unknown", "hours_unknown"):
            assert WARNINGS[code][0] in lines

    def test_the_auditor_sees_that_the_record_agrees_with_itself(self):
        body = a_receipt(a_service(1), a_service(2))
        assert "coincide" in " ".join(text(body, "auditor", "es", titles))
        body["candidates"][1]["parts"] = dict.fromkeys(body["candidates"][1]["parts"], 1.0)
        assert "NO COINCIDE" in " ".join(text(body, "auditor", "es", titles))

    @pytest.mark.parametrize("services", [(), (1,)])
    def test_the_persons_text_is_easy_and_names_nobody(self, services):
        body = a_receipt(*(a_service(number) for number in services))
        said = " ".join(text(body, "person", "es", titles))
        assert "ejemplo" not in said
        assert fernandez_huerta(said) >= 70


def fernandez_huerta(said):
    """Readability of Spanish: 206.84 - 60 syllables per word - 1.02 words per sentence."""
    words = re.findall(r"[a-záéíóúñü]+", said.lower())
    sentences = max(1, len(re.findall(r"[.:?!]", said)))
    syllables = sum(len(re.findall(r"[aeiouáéíóúü]+", word)) for word in words)
    return 206.84 - 60 * syllables / len(words) - 1.02 * len(words) / sentences


class TestOnAnotherMachine:
    def test_the_same_services_are_named_whatever_their_order(self):
        """More are excluded than a receipt names: which ones must not hang on how the directory was loaded."""
        services = [full(number) for number in range(1, 60)]
        shuffled = random.Random(5).sample(services, len(services))
        one, other = a_receipt(*services), a_receipt(*shuffled)
        assert len(one["why_not"]) == WHY_NOT_KEPT
        assert canonical(one) == canonical(other)

    def test_what_the_decision_hung_on_stands_in_it(self):
        services = [a_service(number) for number in range(1, 4)]
        rated = {services[0].organization_id: 0.9, a_service(99).organization_id: 0.1}
        seen = snapshot(*services, performance=rated)
        waiting = {services[1].id: 3, services[2].id: 0, a_service(99).id: 7}
        found = match(seen, wanted(), now=MONDAY_NOON, pending=waiting)
        body = receipt(GROUND, wanted(), found, now=MONDAY_NOON)
        assert body["measured"] == {
            "waiting": {services[1].id: 3},
            "record": {services[0].organization_id: 0.9},
            "missing": [],
        }

    @pytest.mark.parametrize("seed", range(30))
    def test_with_what_it_names_the_same_directory_gives_the_same_answer(self, seed):
        rolled = random.Random(seed)
        services = [
            a_service(
                number,
                capacity=Capacity(CapacityStatus.HAS_CAPACITY, rolled.randint(0, 4), LATER, MONDAY_NOON),
                areas=frozenset({rolled.choice(("CO-CUCUTA", "CO-VILLAROSARIO", "CO-BOGOTA"))}),
                minimum_age=rolled.choice((None, 60)),
            )
            for number in range(1, 40)
        ]
        want = wanted(priority=rolled.choice((0, 1, 2)))
        rated = {one.organization_id: rolled.random() for one in rolled.sample(services, 20)}
        waiting = {one.id: rolled.randint(0, 5) for one in services}
        first = match(snapshot(*services, performance=rated), want, now=MONDAY_NOON, pending=waiting)
        rolled.shuffle(services)
        again = match(
            snapshot(*services, performance=first.record), want, now=MONDAY_NOON, pending=first.waiting
        )
        assert canonical(found_in(again)) == canonical(found_in(first))

    def test_a_service_survives_the_journey(self):
        made = a_service(
            1,
            openings=(Opening(0, 480, 1020), Opening(4, 0, 1439)),
            gates={"psea": None, "gbv_vetted": date(2027, 1, 2)},
            valid_to=date(2026, 12, 31),
            minimum_age=17.5,
            documents=frozenset({"ppt", "passport"}),
            capacity=Capacity(CapacityStatus.WAITLIST, None, LATER, MONDAY_NOON),
        )
        body = a_receipt(made)
        document = json.loads(json.dumps(bundle(body, None, {}, [made])))
        assert service_from(document["directory"]["services"][0]) == made
