"""HSDS packages read into the directory that matching uses."""

import copy
from datetime import UTC, date, datetime

import pytest

from services.referral.domain.directory import CapacityStatus, Opening
from services.referral.domain.hsds import read
from services.referral.domain.hsds_tables import assemble

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ORGANIZATION = "0190a000-0000-7000-8000-00000000000a"
SERVICE = "0190a000-0000-7000-8000-00000000000b"
LOCATION = "0190a000-0000-7000-8000-00000000000c"


def attribute(taxonomy, code, value=None):
    term = {"id": "t", "taxonomy": f"ruta:{taxonomy}", "code": code, "name": code, "description": ""}
    return {"id": "a", "taxonomy_term": term} | ({"value": value} if value else {})


def an_organization(**changes):
    return {
        "id": ORGANIZATION,
        "name": "Organización ejemplo",
        "description": "Inventada",
        "phones": [{"id": "p", "number": '"+57 300 000 0000"', "languages": [{"id": "l", "code": "en"}]}],
        "attributes": [attribute("kind", "ngo"), attribute("gate", "gbv_vetted", "2027-01-31")],
        **changes,
    }


def a_location(**changes):
    return {
        "id": LOCATION,
        "location_type": "physical",
        "external_identifier": "CO-CUCUTA",
        "external_identifier_type": "ruta-locality",
        "latitude": 7.89,
        "longitude": -72.5,
        "addresses": [{"id": "d", "address_1": "Calle 1", "city": "Cúcuta", "country": "CO"}],
        "accessibility": [{"id": "x", "description": "step_free"}],
        **changes,
    }


def a_service(**changes):
    return {
        "id": SERVICE,
        "organization": an_organization(),
        "name": "Consejería ejemplo",
        "status": "active",
        "minimum_age": 18,
        "assured_date": "2026-02-01",
        "assurer_email": "a@example.org",
        "languages": [{"id": "l", "code": "es"}],
        "required_documents": [{"id": "r", "document": "ppt"}, {"id": "r2", "document": "Una carta"}],
        "schedules": [
            {
                "id": "s",
                "freq": "WEEKLY",
                "byday": "MO,TU",
                "opens_at": "08:00-05:00",
                "closes_at": "17:00-05:00",
            }
        ],
        "service_at_locations": [{"id": "sl", "location": a_location()}],
        "service_areas": [{"id": "sa", "extent": "CO-VILLAROSARIO", "extent_type": "text"}],
        "capacities": [{"id": "c", "available": 4, "updated": "2026-03-01T10:00:00-05:00"}],
        "attributes": [
            attribute("service_type", "PS_FOCUS"),
            attribute("serves", "women"),
            attribute("fact", "source", "Visita"),
            attribute("fact", "next_check", "2026-06-01"),
        ],
        **changes,
    }


def only_entry(package):
    found = read(package, now=NOW)
    assert found.problems == []
    return found.entries[SERVICE]


class TestShapes:
    @pytest.mark.parametrize(
        "package",
        [
            [a_service()],
            a_service(),
            {"contents": [a_service()], "total_items": 1},
            {"organizations": [an_organization(services=[a_service(organization=None)])]},
            {
                "organizations": [an_organization()],
                "services": [a_service(organization=None, organization_id=ORGANIZATION)],
            },
            [an_organization(services=[a_service(organization=None)])],
        ],
    )
    def test_every_shape_of_hsds_is_read(self, package):
        found = read(package, now=NOW)
        assert found.problems == []
        assert list(found.entries) == [SERVICE]
        assert list(found.organizations) == [ORGANIZATION]

    @pytest.mark.parametrize("package", [None, 3, "text", [3], {"services": "x"}, {"services": [None]}, {}])
    def test_what_is_not_a_directory_is_reported_and_not_raised(self, package):
        found = read(package, now=NOW)
        assert found.problems
        assert not found.entries

    def test_a_csv_package_reads_like_its_json(self):
        tables = {
            "organizations": [{"id": ORGANIZATION, "name": "Organización ejemplo", "description": ""}],
            "services": [
                {
                    "id": SERVICE,
                    "organization_id": ORGANIZATION,
                    "name": "Consejería",
                    "status": "active",
                    "minimum_age": "18",
                    "assured_date": "2026-02-01",
                }
            ],
            "locations": [
                {
                    "id": LOCATION,
                    "location_type": "physical",
                    "external_identifier": "CO-CUCUTA",
                    "external_identifier_type": "ruta-locality",
                }
            ],
            "service_at_locations": [{"id": "1", "service_id": SERVICE, "location_id": LOCATION}],
            "schedules": [
                {
                    "id": "1",
                    "service_id": SERVICE,
                    "freq": "WEEKLY",
                    "byday": "FR",
                    "opens_at": "08:00",
                    "closes_at": "12:00",
                }
            ],
            "phones": [{"id": "p", "organization_id": ORGANIZATION, "number": "+573000000000"}],
            "attributes": [
                {"id": "1", "link_id": SERVICE, "taxonomy_term_id": "t", "link_entity": "service"}
            ],
            "taxonomy_terms": [{"id": "t", "taxonomy": "ruta:service_type", "code": "PS_FOCUS", "name": "x"}],
        }
        found = read(assemble(tables), now=NOW)
        assert found.problems == []
        service = found.entries[SERVICE].service
        assert service.areas == {"CO-CUCUTA"}
        assert service.openings == (Opening(4, 480, 720),)
        assert found.organizations[ORGANIZATION].phone == "+573000000000"


class TestReading:
    def test_a_service_is_read_whole(self):
        entry = only_entry([a_service()])
        service = entry.service
        assert service.types == {"PS_FOCUS"}
        assert service.areas == {"CO-CUCUTA", "CO-VILLAROSARIO"}
        assert (service.country, service.minimum_age, service.free) == ("CO", 18, True)
        assert service.documents == {"ppt"}
        assert entry.other_documents == ("Una carta",)
        assert service.openings == (Opening(0, 480, 1020), Opening(1, 480, 1020))
        assert service.accessibility == {"step_free"}
        assert service.gates == {"gbv_vetted": date(2027, 1, 31)}
        assert service.capacity.available == 4
        assert service.capacity.at(NOW) is CapacityStatus.HAS_CAPACITY
        assert (entry.source, entry.next_check) == ("Visita", date(2026, 6, 1))
        assert (service.verified_at, entry.verified_by) == (date(2026, 2, 1), "a@example.org")

    def test_literal_quotes_in_a_phone_number_are_stripped(self):
        organization = read([a_service()], now=NOW).organizations[ORGANIZATION]
        assert (organization.phone, organization.language) == ("+573000000000", "en")

    def test_the_place_of_a_shelter_is_never_kept(self):
        raw = a_service()
        raw["attributes"].append(attribute("confidential", "location"))
        found = read([raw], now=NOW)
        (place,) = found.locations.values()
        assert (place.locality, place.confidential) == ("CO-CUCUTA", True)
        assert (place.address, place.latitude, place.longitude, place.name) == (None, None, None, "")
        assert "Calle" not in repr(found)

    def test_the_city_of_the_address_finds_the_locality(self):
        place = a_location()
        del place["external_identifier"], place["external_identifier_type"]
        place["addresses"][0]["city"] = "CUCUTA"
        raw = a_service(service_at_locations=[{"id": "1", "location": place}], service_areas=[])
        assert only_entry([raw]).service.areas == {"CO-CUCUTA"}

    def test_a_country_as_area_means_national(self):
        raw = a_service(
            service_at_locations=[], service_areas=[{"id": "1", "extent": "CO", "extent_type": "text"}]
        )
        service = only_entry([raw]).service
        assert (service.national, service.areas) == (True, frozenset())

    def test_every_day_all_day_is_always_open(self):
        raw = a_service(schedules=[{"id": "1", "freq": "WEEKLY", "opens_at": "00:00", "closes_at": "23:59"}])
        assert only_entry([raw]).service.always_open

    @pytest.mark.parametrize(
        "change",
        [{"status": "inactive"}, {"status": "temporarily closed"}, {"alert": "Cerrado hasta nuevo aviso"}],
    )
    def test_a_closed_service_is_kept_and_not_active(self, change):
        assert not only_entry([a_service(**change)]).service.active


class TestProblems:
    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"id": "7"}, "[0].id"),
            ({"name": ""}, "[0].name"),
            ({"minimum_age": "young"}, "[0].minimum_age"),
            ({"assured_date": "yesterday"}, "[0].assured_date"),
            ({"attributes": []}, "[0].attributes"),
            ({"attributes": [attribute("service_type", "PS_FOKUS")]}, "[0].attributes[0]"),
            ({"attributes": [attribute("mood", "good")]}, "[0].attributes[0]"),
            ({"attributes": [attribute("serves", "birds")]}, "[0].attributes[0]"),
            (
                {"schedules": [{"id": "1", "opens_at": "8 am", "closes_at": "17:00"}]},
                "[0].schedules[0].opens_at",
            ),
            (
                {"schedules": [{"id": "1", "byday": "XX", "opens_at": "08:00", "closes_at": "17:00"}]},
                "[0].schedules[0].byday",
            ),
            ({"phones": {}}, "[0].phones"),
            ({"service_at_locations": [], "service_areas": []}, "[0]"),
        ],
    )
    def test_a_bad_entry_is_told_by_path_and_the_others_stay(self, change, path):
        good = copy.deepcopy(a_service(id="0190a000-0000-7000-8000-0000000000ff"))
        found = read([a_service(**change), good], now=NOW)
        assert [one.path for one in found.problems] == [path]
        assert list(found.entries) == [good["id"]]

    def test_an_unknown_code_names_the_nearest_known_ones(self):
        found = read([a_service(attributes=[attribute("service_type", "PS_FOKUS")])], now=NOW)
        assert "PS_FOCUS" in found.problems[0].text("es")
        assert "unknown code" in found.problems[0].text("en")

    def test_a_service_of_an_organization_with_errors_is_left_out(self):
        raw = a_service(organization=an_organization(name=""))
        found = read([raw], now=NOW)
        assert {one.path for one in found.problems} == {"[0].organization.name", "[0]"}
