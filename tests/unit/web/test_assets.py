"""What pages load, and that it stays small and ours."""

import gzip
import json
import re

import pytest

from shared.web import assets
from shared.web.assets_route import BUILD, asset, manifest

KB = 1024


@pytest.fixture(scope="module", autouse=True)
def built():
    """Built once for the machine; up to date after that."""
    assets.build()


def packed(name):
    return (BUILD / f"{manifest()[name]}.gz").read_bytes()


class TestBuild:
    def test_does_nothing_when_nothing_changed(self):
        assert assets.build() is False

    def test_the_lock_names_no_address(self):
        assert "resolved" not in (assets.ROOT / "package-lock.json").read_text()

    def test_every_package_is_pinned_and_checked(self):
        wanted = json.loads((assets.ROOT / "package.json").read_text())["dependencies"]
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
        packages = json.loads((assets.ROOT / "package-lock.json").read_text())["packages"]
        assert all("integrity" in one for path, one in packages.items() if path)

    def test_a_changed_source_changes_the_fingerprint(self, tmp_path, monkeypatch):
        before = assets.fingerprint()
        (tmp_path / "ruta.scss").write_text("a")
        monkeypatch.setattr(assets, "SOURCE", tmp_path)
        assert assets.fingerprint() != before


class TestWeight:
    def test_styles(self):
        assert len(packed("ruta.css")) <= 13 * KB

    def test_scripts(self):
        assert len(packed("ruta.js")) <= 6 * KB


class TestLook:
    def test_no_licensed_font_no_foreign_host_no_inlined_licence(self):
        styles = gzip.decompress(packed("ruta.css")).decode()
        assert "GDS" not in styles
        assert "@font-face" not in styles
        assert not re.search(r"url\([\"']?(https?:)?//", styles)


class TestServing:
    def test_for_a_year_compressed_by_its_hashed_name(self, client):
        answer = client.get(asset("ruta.css"), headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.get_data() == packed("ruta.css")

    def test_plain_for_those_who_cannot_unpack(self, client):
        answer = client.get(asset("ruta.css"))
        assert "Content-Encoding" not in answer.headers
        assert gzip.decompress(packed("ruta.css")) == answer.get_data()

    def test_not_sent_again_when_it_is_there(self, client):
        first = client.get(asset("mark.svg"))
        again = client.get(asset("mark.svg"), headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")

    @pytest.mark.parametrize("name", ["manifest.json", "..%2fsource%2fruta.js", "ruta.css", "x"])
    def test_nothing_else(self, client, name):
        assert client.get(f"/assets/{name}").status_code == 404
