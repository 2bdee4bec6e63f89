"""What the directory said at each of its versions."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.referral.domain.directory import Capacity, CapacityStatus
from services.referral.domain.status import Party
from services.referral.operations import past
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.places import say_capacity
from services.referral.operations.steps import Who
from services.referral.store import directory as store
from services.referral.store import past as kept
from shared.errors import NotFound
from tests.integration.referral.world import NOW, a_service, an_assessment, an_id, attribute


def as_it_was(world, version):
    with world.engine.begin() as conn:
        return past.directory_at(conn, version)


def as_it_is(world):
    with world.engine.begin() as conn:
        return Catalogue().snapshot(conn, now=world.now)


def same(one, other):
    """Whether two snapshots say the same, whatever the order in which their services came."""

    def plain(snapshot):
        indexes = [
            {cell: {service.id for service in found} for cell, found in index.items() if found}
            for index in (snapshot.here, snapshot.reach)
        ]
        counts = {cell: count for cell, count in snapshot.anywhere.items() if count}
        return (snapshot.version, dict(snapshot.services), *indexes, counts)

    return plain(one) == plain(other)


def say(world, name, available, **valid):
    who = Who(Party.PROVIDER, an_id("provider account"), an_id(f"organization {name}"))
    said = Capacity(CapacityStatus.HAS_CAPACITY, available, world.now + timedelta(**(valid or {"days": 5})))
    with world.engine.begin() as conn:
        say_capacity(conn, who, an_id(f"service {name}"), said, now=world.now)


def a_history(world):
    """Several changes of every kind; the snapshot after each."""
    seen = []

    def note():
        seen.append(as_it_is(world))
        world.later(minutes=7)

    world.directory(a_service("Legal", "LEG_MIG"), a_service("Casa", "SAFE", "PS_CRISIS"))
    note()
    say(world, "Legal", 3)
    note()
    world.directory(a_service("Legal", "LEG_MIG", "FOOD"))
    note()
    case = an_assessment("LEG.REG")
    world.route(case)
    asked = next(one for one in world.referrals(case) if one.service_type == "LEG_MIG")
    world.step(asked, "accept")
    note()
    world.directory(
        a_service("Casa", "SAFE", status="defunct"), a_service("Nueva", "FOOD", reach=("remote",))
    )
    note()
    say(world, "Nueva", 0)
    note()
    return seen


class TestAsOfAVersion:
    def test_every_version_is_as_matching_saw_it(self, world):
        for seen in a_history(world):
            assert same(as_it_was(world, seen.version), seen)

    def test_versions_one_after_the_other_are_the_same_as_each_by_itself(self, world):
        seen = {one.version: one for one in a_history(world)}
        with world.engine.begin() as conn:
            found = 0
            for snapshot in past.directories_at(conn, seen):
                assert same(snapshot, seen[snapshot.version])
                found += 1
        assert found == len(seen)

    def test_a_place_that_is_taken_is_one_less_from_then_on(self, world):
        seen = a_history(world)
        left = [one.services[an_id("service Legal")].capacity.available for one in seen]
        assert left == [None, 3, 3, 2, 2, 2]
        again = [
            as_it_was(world, one.version).services[an_id("service Legal")].capacity.available for one in seen
        ]
        assert again == left

    def test_a_repeated_import_leaves_no_line(self, world):
        world.directory(a_service("Legal", "LEG_MIG"))
        lines = world.rows("SELECT count(*) AS n FROM referral.directory_history")
        world.directory(a_service("Legal", "LEG_MIG"))
        assert world.rows("SELECT count(*) AS n FROM referral.directory_history") == lines

    def test_what_was_before_the_history_began_is_not_made_up(self, world):
        with pytest.raises(NotFound) as refused:
            as_it_was(world, 0)
        assert refused.value.code == "directory_not_kept"
        with pytest.raises(NotFound):
            as_it_was(world, as_it_is(world).version + 1)


class TestAsOfAMoment:
    def test_the_version_of_a_moment_is_the_last_that_began_before_it(self, world):
        seen = a_history(world)
        with world.engine.begin() as conn:
            for number, one in enumerate(seen):
                moment = NOW + timedelta(minutes=7 * number)
                assert kept.version_at(conn, moment) == one.version
                assert kept.version_at(conn, moment + timedelta(minutes=6)) == one.version
            with pytest.raises(NotFound):
                kept.version_at(conn, NOW - timedelta(days=3650))


class TestTogether:
    def test_no_change_is_lost_when_many_happen_at_once(self, world):
        """Places are said by several people while others are asked and accept: whatever the order, each version has
        its line, and the last one is the directory as it is."""
        names = [f"Legal {number}" for number in range(4)]
        world.directory(*(a_service(name, "LEG_MIG") for name in names))
        before = as_it_is(world).version
        errors = []

        def many(name):
            try:
                for count in range(1, 9):
                    say(world, name, count)
                    with world.engine.begin() as conn:
                        store.take_place(
                            conn,
                            an_id(f"service {name}"),
                            version=store.next_version(conn, now=world.now),
                        )
            except Exception as error:
                errors.append(error)

        threads = [threading.Thread(target=many, args=(name,)) for name in names]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert errors == []
        now = as_it_is(world)
        assert now.version == before + 4 * 16
        lines = world.rows("SELECT version FROM referral.directory_history WHERE version > :v", v=before)
        assert sorted(row["version"] for row in lines) == list(range(before + 1, now.version + 1))
        assert same(as_it_was(world, now.version), now)

    def test_a_change_that_was_undone_is_in_no_snapshot(self, world):
        """A version number whose transaction failed is given again: what stood under it must not stay in memory."""
        world.directory(a_service("Legal", "LEG_MIG"))
        catalogue = Catalogue()
        legal = an_id("service Legal")
        said = Capacity(CapacityStatus.HAS_CAPACITY, 1, NOW + timedelta(days=3), NOW)
        with world.engine.connect() as conn, conn.begin() as undone:
            own = store.next_version(conn, now=NOW)
            store.save_capacity(conn, legal, said, version=own, by=an_id("account"))
            assert catalogue.snapshot(conn, now=NOW).services[legal].capacity.available == 1
            undone.rollback()
        with world.engine.begin() as conn:
            other = store.next_version(conn, now=NOW)
            store.save_capacity(conn, legal, replace(said, available=5), version=other, by=an_id("account"))
        assert other == own
        with world.engine.begin() as conn:
            assert catalogue.snapshot(conn, now=NOW).services[legal].capacity.available == 5


class TestConfidential:
    def test_no_address_phone_or_text_is_ever_in_the_history(self, world):
        home = {
            "id": an_id("l"),
            "name": "Casa de la Luna",
            "location_type": "physical",
            "latitude": 7.8939,
            "longitude": -72.5078,
            "addresses": [
                {
                    "id": an_id("ad"),
                    "address_1": "Calle de las Flores 15",
                    "city": "Cúcuta",
                    "state_province": "Norte de Santander",
                    "postal_code": "540001",
                    "country": "CO",
                    "address_type": "physical",
                }
            ],
        }
        entry = a_service(
            "Casa",
            "SAFE",
            service_at_locations=[{"id": an_id("sal"), "location": home}],
            phones=[{"id": an_id("ph"), "number": "+573111111111"}],
            description="Al lado del parque",
        )
        world.directory(entry)
        assert world.rows("SELECT address FROM referral.location")[0]["address"]
        entry["attributes"].append(attribute("confidential", "location"))
        world.directory(entry)
        with world.engine.begin() as conn:
            everything = "\n".join(
                conn.execute(text("SELECT body::text FROM referral.directory_history")).scalars()
            )
        assert "CO-CUCUTA" in everything
        for secret in ("Flores", "7.89", "Luna", "3111111111", "parque", "+57"):
            assert secret not in everything
