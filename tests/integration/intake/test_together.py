"""Many senders at the same moment: each assessment stored once, told once, answered truly."""

import json
from concurrent.futures import ThreadPoolExecutor

from shared.ids import new_id
from tests.integration.intake.test_submitting import now_document


def at_once(intake, bodies):
    """Send all from sixteen threads of the same account; the answers in order."""
    caller = intake.caller()

    def send(body):
        headers = {"Authorization": f"Bearer {caller.token}"}
        return intake.app.test_client().post("/intake/api/v1/assessments", json=body, headers=headers)

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(send, bodies))


def test_the_same_assessment_is_new_once(intake):
    document = now_document()
    answers = at_once(intake, [document] * 40)
    assert sorted(answer.status_code for answer in answers) == [200] * 39 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(intake.events("assessment.submitted.v1")) == 1


def test_different_ones_are_all_stored(intake):
    documents = [now_document() for _ in range(120)]
    answers = at_once(intake, documents)
    assert {answer.status_code for answer in answers} == {201}
    told = {event["assessment_id"] for event in intake.events("assessment.submitted.v1")}
    assert told == {document["id"] for document in documents}
    assert len(intake.rows("SELECT id FROM intake.person")) == 120


def test_who_spoils_a_set_is_alone_with_it(intake):
    need = {"id": new_id(), "code": "BAS.FOOD"}
    documents = [now_document(needs=[need]) if number % 10 == 0 else now_document() for number in range(60)]
    statuses = [answer.status_code for answer in at_once(intake, documents)]
    assert statuses.count(409) == 5
    assert statuses.count(201) == 55
    assert len(intake.events("assessment.submitted.v1")) == 55


def test_each_keeps_its_own_correlation_id(intake):
    caller = intake.caller()
    ids = {f"correlation-{number:04}": now_document() for number in range(30)}

    def send(item):
        headers = {"Authorization": f"Bearer {caller.token}", "X-Correlation-Id": item[0]}
        return intake.app.test_client().post("/intake/api/v1/assessments", json=item[1], headers=headers)

    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(send, ids.items())} == {201}
    rows = intake.rows("SELECT correlation_id, data ->> 'assessment_id' AS id FROM bus.event")
    assert {row["correlation_id"]: row["id"] for row in rows} == {
        name: document["id"] for name, document in ids.items()
    }


def test_one_person_assessed_at_the_same_moment_stays_one(intake):
    person_id = new_id()
    answers = at_once(intake, [now_document(person__id=person_id) for _ in range(20)])
    assert {answer.status_code for answer in answers} == {201}
    (row,) = intake.rows("SELECT CAST(id AS text) FROM intake.person")
    assert row["id"] == person_id
    case_id = answers[0].json["id"]
    seen = intake.caller().get(f"/assessments/{case_id}/person")
    assert (seen.json["name"], seen.json["phone"]) == ("Yusmary Ejemplo", "+573001234567")


def test_a_set_of_old_and_new_ones_tells_of_the_new_alone(intake):
    old, *new = [now_document() for _ in range(3)]
    caller = intake.caller()
    assert caller.post("/assessments", old).status_code == 201
    lines = "\n".join(json.dumps(document) for document in (old, *new))
    answer = caller.post("/assessments/batch", data=lines, headers={"Content-Type": "application/x-ndjson"})
    assert [line["status"] for line in answer.json["lines"]] == [200, 201, 201]
    told = [event["assessment_id"] for event in intake.events("assessment.submitted.v1")]
    assert sorted(told) == sorted(document["id"] for document in (old, *new))
