import csv
import json
import zipfile

import pytest

from deploy.local.import_directory import load_package
from services.referral.domain.hsds import read
from tests.unit.referral.test_matching_hsds import NOW, ORGANIZATION, SERVICE, a_service

TABLES = {
    "organizations": [{"id": ORGANIZATION, "name": "Organización ejemplo", "description": "x"}],
    "services": [{"id": SERVICE, "organization_id": ORGANIZATION, "name": "Consejería", "status": "active"}],
    "service_areas": [{"id": "1", "service_id": SERVICE, "extent": "CO-CUCUTA", "extent_type": "text"}],
    "attributes": [{"id": "1", "link_id": SERVICE, "taxonomy_term_id": "t"}],
    "taxonomy_terms": [{"id": "t", "taxonomy": "ruta:service_type", "code": "PS_FOCUS", "name": "x"}],
}


@pytest.fixture
def folder(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    for name, rows in TABLES.items():
        with (package / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return package


def zipped(folder):
    file = folder.parent / "package.zip"
    with zipfile.ZipFile(file, "w") as out:
        for one in folder.iterdir():
            out.write(one, f"hsds/{one.name}")
    return file


def test_a_folder_a_zip_and_a_json_file_are_read(folder, tmp_path):
    as_json = tmp_path / "directory.json"
    as_json.write_text(json.dumps([a_service()]), encoding="utf-8-sig")
    for file in (folder, zipped(folder), as_json):
        found = read(load_package(file), now=NOW)
        assert found.problems == []
        assert list(found.entries) == [SERVICE]


def test_what_is_no_package_is_refused_with_a_reason(tmp_path):
    file = tmp_path / "directory.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="line 1"):
        load_package(file)
