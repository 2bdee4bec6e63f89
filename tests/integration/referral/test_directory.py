from datetime import timedelta

import pytest

from services.referral.domain.directory import Capacity, CapacityStatus
from services.referral.operations.catalogue import Catalogue
from services.referral.operations.directory import import_hsds
from services.referral.store import directory as store
from tests.unit.referral.test_matching_hsds import NOW, SERVICE, a_service, attribute


@pytest.fixture
def engine(clean_stack):
    return clean_stack.engine("referral")


def bring_in(engine, *services, now=NOW):
    with engine.begin() as conn:
        return import_hsds(conn, list(services), now=now)


class TestImport:
    def test_what_was_imported_is_what_matching_reads(self, engine):
        report = bring_in(engine, a_service())
        assert (report.organizations, report.services, report.changed, report.problems) == (1, 1, 1, ())
        with engine.begin() as conn:
            service = Catalogue().snapshot(conn, now=NOW).services[SERVICE]
        assert service.areas == {"CO-CUCUTA", "CO-VILLAROSARIO"}
        assert service.types == {"PS_FOCUS"}
        assert service.capacity.available == 4
        assert len(service.openings) == 2
        assert "gbv_vetted" in service.gates

    def test_a_repeated_import_changes_nothing(self, engine):
        bring_in(engine, a_service())
        again = bring_in(engine, a_service(), now=NOW + timedelta(days=1))
        assert (again.services, again.changed, again.capacities) == (1, 0, 0)

    def test_a_changed_entry_replaces_the_old_one_in_the_snapshot(self, engine):
        bring_in(engine, a_service())
        catalogue = Catalogue()
        with engine.begin() as conn:
            catalogue.snapshot(conn, now=NOW)
        bring_in(engine, a_service(status="defunct"))
        with engine.begin() as conn:
            assert not catalogue.snapshot(conn, now=NOW).services[SERVICE].active

    def test_good_entries_are_kept_beside_bad_ones(self, engine):
        report = bring_in(engine, a_service(), a_service(id="no"))
        assert report.services == 1
        assert [one.path for one in report.problems] == ["[1].id"]

    def test_places_typed_in_by_the_provider_survive_the_next_import(self, engine):
        bring_in(engine, a_service())
        typed = Capacity(CapacityStatus.HAS_CAPACITY, 9, NOW + timedelta(days=2), NOW)
        with engine.begin() as conn:
            version = store.next_version(conn, now=NOW)
            store.save_capacity(
                conn, SERVICE, typed, version=version, by="0190a000-0000-7000-8000-0000000000f1"
            )
        later = a_service(capacities=[{"id": "c", "available": 1, "updated": "2026-03-09T10:00:00-05:00"}])
        bring_in(engine, later, now=NOW + timedelta(days=9))
        with engine.begin() as conn:
            assert Catalogue().snapshot(conn, now=NOW).services[SERVICE].capacity.available == 9

    def test_the_address_of_a_confidential_place_is_not_in_the_database(self, engine, clean_stack):
        raw = a_service()
        raw["attributes"].append(attribute("confidential", "location"))
        bring_in(engine, raw)
        with engine.begin() as conn:
            rows = (
                conn.exec_driver_sql("SELECT row_to_json(l)::text FROM referral.location l").scalars().all()
            )
        assert rows
        assert not any("Calle" in row or "7.89" in row for row in rows)
