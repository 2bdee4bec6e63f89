"""The bus on a real PostgreSQL: what is published is acted on, once, in order, and poison stands alone."""

import threading

import pytest
import sqlalchemy
from sqlalchemy import text

from shared.bus import RetryLater, backlog, correlations_of, drain, oldest_due_seconds, publish, transaction
from shared.events.intake import ConsentWithdrawn
from shared.ids import new_id
from tests.integration.bus.scenario import NOW, effects, inbox, states, withdrawn, write_effect


@pytest.fixture
def intake(clean_stack):
    return clean_stack.engine("intake")


def publish_all(engine, facts, **rest):
    with transaction(engine) as conn:
        return publish(conn, facts, now=NOW, **rest)


class TestPublish:
    def test_a_fact_reaches_each_of_its_subscribers_once(self, intake, referral):
        publish_all(intake, [withdrawn()])
        with referral.begin() as conn:
            assert states(conn, "referral") == {"due": 1}
            assert states(conn, "notifications") == {"due": 1}
            assert states(conn, "intake") == {}

    def test_nothing_is_published_by_a_transaction_that_fails(self, intake, referral):
        def publish_and_fail():
            with transaction(intake) as conn:
                publish(conn, [withdrawn()], now=NOW)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            publish_and_fail()
        with referral.begin() as conn:
            assert states(conn) == {}

    def test_the_same_place_of_a_subject_cannot_be_taken_twice(self, intake, referral):
        fact = withdrawn()
        publish_all(intake, [fact])
        with pytest.raises(sqlalchemy.exc.IntegrityError):
            publish_all(intake, [fact])

    def test_a_subject_keeps_the_correlation_id_it_began_with(self, intake, referral):
        person = new_id()
        publish_all(intake, [withdrawn(person, seq=1)], correlation_id="the case")
        publish_all(intake, [withdrawn(person, seq=2)], correlation_id="somebody's later request")
        publish_all(intake, [withdrawn()], correlation_id="another case")
        with referral.begin() as conn:
            found = conn.execute(text("SELECT correlation_id FROM bus.event ORDER BY id")).scalars().all()
            begun = correlations_of(conn, [f"person/{person}", "person/unknown"])
        assert found == ["the case", "the case", "another case"]
        assert begun == {f"person/{person}": "the case"}

    def test_an_event_from_the_future_is_due_now(self, intake, referral):
        with transaction(intake) as conn:
            publish(conn, [withdrawn()], now=NOW.replace(year=2090))
        assert drain(inbox(referral)).done == 1

    def test_a_service_cannot_read_another_services_tables(self, intake, referral):
        with pytest.raises(sqlalchemy.exc.ProgrammingError), intake.begin() as conn:
            conn.execute(text("SELECT * FROM referral.bus_test_effect"))


class TestDrain:
    def test_every_event_is_acted_on_exactly_once(self, intake, referral):
        facts = [withdrawn() for _ in range(450)]
        publish_all(intake, facts)
        assert drain(inbox(referral)).done == 450
        assert drain(inbox(referral)).done == 0
        with referral.begin() as conn:
            assert sorted(effects(conn)) == sorted((fact.person_id, 1) for fact in facts)
            assert states(conn) == {"done": 450}

    def test_facts_of_one_subject_act_in_order_whatever_their_priority(self, intake, referral):
        person = new_id()
        publish_all(intake, [withdrawn(person, seq=n, priority=3 - n) for n in (3, 1, 2)])
        drain(inbox(referral))
        with referral.begin() as conn:
            assert effects(conn) == [(person, 1), (person, 2), (person, 3)]

    def test_emergencies_go_first(self, intake, referral):
        low = [withdrawn(priority=3) for _ in range(5)]
        publish_all(intake, low)
        urgent = withdrawn(priority=0)
        publish_all(intake, [urgent])
        drain(inbox(referral), batch=1)
        with referral.begin() as conn:
            assert effects(conn)[0] == (urgent.person_id, 1)

    def test_several_workers_share_the_work_without_doing_any_twice(self, intake, referral):
        publish_all(intake, [withdrawn() for _ in range(300)])
        results = []
        workers = [
            threading.Thread(target=lambda: results.append(drain(inbox(referral), batch=7).done))
            for _ in range(4)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        with referral.begin() as conn:
            acted = effects(conn)
        assert sum(results) == 300
        assert len(acted) == len(set(acted)) == 300

    def test_it_stops_when_asked_to_between_batches(self, intake, referral):
        publish_all(intake, [withdrawn() for _ in range(10)])
        assert drain(inbox(referral), batch=2, should_stop=lambda: True).done == 0
        with referral.begin() as conn:
            assert states(conn) == {"due": 10}


class TestPoison:
    def test_a_poisonous_event_is_put_back_and_its_neighbours_go_on(self, intake, referral):
        facts = [withdrawn() for _ in range(20)]
        bad = facts[13].person_id

        def handler(conn, events):
            write_effect(conn, events)
            if any(event.fact.person_id == bad for event in events):
                raise ValueError(bad)

        publish_all(intake, facts)
        result = drain(inbox(referral, handler))
        with referral.begin() as conn:
            acted = {person for person, _ in effects(conn)}
            row = conn.execute(
                text(
                    "SELECT attempts, error_class, due_at > now() AS later FROM bus.inbox WHERE attempts > 0"
                )
            ).one()
        assert acted == {fact.person_id for fact in facts} - {bad}
        assert (result.done, result.put_back) == (19, 1)
        assert (row.attempts, row.error_class, row.later) == (1, "ValueError", True)

    def test_the_pauses_grow_from_a_second_to_an_hour(self, intake, referral):
        publish_all(intake, [withdrawn()])

        def handler(conn, events):
            raise ValueError

        pauses = []
        for _ in range(7):
            make_due(referral)
            drain(inbox(referral, handler))
            with referral.begin() as conn:
                left = "SELECT extract(epoch FROM max(due_at) - clock_timestamp()) FROM bus.inbox WHERE state = 'due'"
                pauses.append(float(conn.execute(text(f"{left} AND subscriber = 'referral'")).scalar_one()))
        assert pauses == sorted(pauses)
        assert 0.3 < pauses[0] < 1.3
        assert 2_800 < pauses[-1] < 4_400

    def test_after_its_last_attempt_it_is_dead_and_only_its_own_subject_waits(self, intake, referral):
        person = new_id()
        other = withdrawn()
        publish_all(intake, [withdrawn(person, seq=1), withdrawn(person, seq=2), other])

        def handler(conn, events):
            if any(event.fact.person_id == person for event in events):
                raise ValueError
            write_effect(conn, events)

        for _ in range(8):
            make_due(referral)
            drain(inbox(referral, handler))
        with referral.begin() as conn:
            assert effects(conn) == [(other.person_id, 1)]
            assert states(conn) == {"dead": 1, "due": 1, "done": 1}
            assert backlog(conn, "referral").dead == 1
            assert oldest_due_seconds(conn, "referral") is None

    @pytest.mark.parametrize("damage", ["data = '{}'", "type = 'somebody.else.v9'"], ids=["data", "type"])
    def test_an_event_that_cannot_be_read_stands_alone_too(self, intake, referral, damage):
        bad, *_ = publish_all(intake, [withdrawn() for _ in range(20)])
        with intake.begin() as conn:
            conn.execute(text(f"UPDATE bus.event SET {damage} WHERE id = CAST(:id AS uuid)"), {"id": bad})
        result = drain(inbox(referral))
        assert (result.done, result.put_back) == (19, 1)
        for _ in range(7):
            make_due(referral)
            drain(inbox(referral))
        with referral.begin() as conn:
            assert states(conn, "referral") == {"dead": 1, "done": 19}

    def test_a_neighbour_that_is_away_costs_no_attempt(self, intake, referral):
        publish_all(intake, [withdrawn()])

        def handler(conn, events):
            raise RetryLater(30)

        drain(inbox(referral, handler))
        with referral.begin() as conn:
            row = conn.execute(
                text("SELECT attempts, due_at > now() AS later FROM bus.inbox WHERE subscriber = 'referral'")
            ).one()
        assert (row.attempts, row.later) == (0, True)

    def test_a_database_that_breaks_the_connection_costs_no_attempt(self, intake, referral):
        publish_all(intake, [withdrawn() for _ in range(3)])

        def handler(conn, events):
            conn.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        with pytest.raises(sqlalchemy.exc.OperationalError):
            drain(inbox(referral, handler))
        assert drain(inbox(referral)).done == 3
        with referral.begin() as conn:
            assert conn.execute(text("SELECT max(attempts) FROM bus.inbox")).scalar_one() == 0


def make_due(engine):
    with engine.begin() as conn:
        conn.execute(text("UPDATE bus.inbox SET due_at = now() WHERE state = 'due'"))


class TestClaim:
    def test_it_reads_little_however_long_the_queue_and_however_wrong_the_statistics(self, intake, referral):
        """A plan made from a queue's statistics once read all rows at each claim: 300 events a second, not 10,000."""
        for _ in range(10):
            publish_all(intake, [withdrawn() for _ in range(500)])
        claim = "SELECT * FROM bus.claim('referral', 100, NULL)"
        with referral.begin() as conn:
            plan = [row[0] for row in conn.execute(text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) {claim}"))]
        pages = sum(
            int(word.partition("=")[2]) for line in plan for word in line.split() if word.startswith("hit=")
        )
        assert pages < 100 * 20


class TestEnvelope:
    def test_a_subscriber_gets_the_fact_as_it_was_published_with_its_class_and_priority(
        self, intake, referral
    ):
        fact = ConsentWithdrawn(person_id=new_id(), scope="all", seq=4, sensitivity="S3", priority=0)
        publish_all(intake, [fact])
        got = []
        drain(inbox(referral, lambda conn, events: got.extend(events)))
        assert [event.fact for event in got] == [fact]
