"""`ruta rules prove|replay` and `ruta receipts …` on a system that holds past cases."""

import json
import threading
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from werkzeug.serving import make_server

from deploy.local.cli import ruta
from services.referral.domain.pathway_tables import FOLDER, packaged_files
from shared.clock import rfc3339
from tests.integration.referral.callers import make_app, token
from tests.integration.referral.drafting import EVERYTHING, changed
from tests.integration.referral.world import a_service, an_assessment, an_id

GOOD, FOUND, CANNOT = 0, 1, 2


@pytest.fixture
def host(world, monkeypatch):
    """The environment of a server, with a directory and past cases."""
    stack = world.stack
    for name in ("intake", "identity", "referral"):
        monkeypatch.setenv(f"{name.upper()}_DATABASE_URL", stack.database_url(name))
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    world.now = datetime.now(UTC)
    world.directory(a_service("Todo", *EVERYTHING, "PS_BASIC", "PS_FOCUS", capabilities=("cmr_kit",)))
    world.route(*(an_assessment("MHP.DIST", "LEG.REG", assessed_at=rfc3339(world.now)) for _ in range(6)))
    raped = ("GBV.RAPE", {"elapsed": "le_24h", "danger_now": "no"})
    world.route(an_assessment(raped, assessed_at=rfc3339(world.now)))
    return world


@pytest.fixture
def draft(tmp_path):
    """A folder with the packaged tables, one of them changed."""

    def write(row_id, old, new, table="priority"):
        folder = tmp_path / "community"
        folder.mkdir(exist_ok=True)
        for name, content in packaged_files().items():
            (folder / name).write_text(content, encoding="utf-8")
        (folder / f"{table}.csv").write_text(changed(row_id, old, new, table=table), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def server(host):
    """The service behind a real port, and a coordinator's credential for it."""
    app = make_app(host.stack)
    served = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.port}", token("coordinator")
    served.shutdown()


def run(*arguments):
    return CliRunner().invoke(ruta, [str(one) for one in arguments])


class TestReplay:
    def test_a_draft_folder_is_replayed_over_the_cases_of_the_system(self, host, draft):
        folder = draft("U-26", '""P2""', '""P1""')
        done = run("rules", "replay", folder, "--json")
        assert done.exit_code == GOOD, done.output
        found = json.loads(done.stdout)
        assert (found["cases"], found["differences"], found["stops"]) == (7, 6, False)
        said = run("rules", "replay", folder).stdout
        assert "7 past cases" in said
        assert "priority: P2 → P1" in said

    def test_a_hard_stop_is_said_and_ends_with_1(self, host, draft):
        done = run("rules", "replay", draft("R-GBV-01.1", '""HE_CMR""', '""HE_PRIM""', table="routing"))
        assert done.exit_code == FOUND
        assert "STOP" in done.stdout

    def test_the_rules_in_force_differ_in_nothing(self, host, draft):
        done = run("rules", "replay", draft("U-26", '""P2""', '""P2""'), "--directory", "now")
        assert done.exit_code == GOOD
        assert "none would be decided otherwise" in done.stdout

    def test_what_cannot_run_ends_with_2(self, host, draft, tmp_path):
        broken = draft("U-26", "MHP.DIST", "MHP.DITS")
        for asked in (broken, tmp_path / "nowhere", an_id("no version")):
            assert run("rules", "replay", asked).exit_code == CANNOT
        away = run("rules", "replay", broken.parent, "--url", "http://127.0.0.1:9", "--token", "x")
        assert away.exit_code == CANNOT

    def test_through_the_api_it_says_the_same(self, server, draft):
        url, token = server
        folder = draft("U-26", '""P2""', '""P1""')
        there = run("rules", "replay", folder, "--url", url, "--token", token, "--json")
        assert there.exit_code == GOOD, there.output
        assert json.loads(there.stdout.splitlines()[-1]) == json.loads(
            run("rules", "replay", folder, "--json").stdout
        )
        refused = run("rules", "replay", folder, "--url", url, "--token", "nobody", "--json")
        assert refused.exit_code == CANNOT


class TestProve:
    def lines(self, *arguments):
        done = run("rules", "prove", "--json", *arguments)
        assert done.exit_code == FOUND, done.output
        # the service behind a port of this process writes its log on the same stream
        found = [one for one in map(json.loads, done.stdout.splitlines()) if "service_type" in one]
        return {(one["locality"], one["service_type"]) for one in found}

    def test_offers_come_from_a_directory_a_running_system_or_its_api(self, server, tmp_path):
        url, token = server
        package = tmp_path / "directory.json"
        entry = a_service("Todo", *EVERYTHING, "PS_BASIC", "PS_FOCUS", capabilities=("cmr_kit",))
        package.write_text(json.dumps([entry]), encoding="utf-8")
        missing = self.lines("--directory", package)
        assert missing
        assert not any(kind in EVERYTHING for _, kind in missing)
        assert self.lines("--running") == missing
        assert self.lines("--url", url, "--token", token) == missing

    @pytest.mark.parametrize(
        ("offers", "said"),
        [({}, "There is no place"), ({"CO-CUCUTA": ["HE_CMRR"]}, "did you mean HE_CMR?")],
    )
    def test_offers_that_prove_nothing_are_not_called_proven(self, host, tmp_path, offers, said):
        (tmp_path / "o.json").write_text(json.dumps(offers))
        done = run("rules", "prove", "--offers", tmp_path / "o.json")
        assert done.exit_code == CANNOT
        assert said in done.output

    def test_a_system_without_a_directory_is_not_called_proven(self, host):
        with host.stack.engine("admin").begin() as conn:
            conn.execute(text("TRUNCATE referral.service CASCADE"))
        done = run("rules", "prove", "--running")
        assert done.exit_code == CANNOT
        assert "There is no place" in done.output

    @pytest.mark.parametrize("command", [("prove", "--running"), ("replay", FOLDER / "community")])
    def test_a_folder_without_a_system_is_said_and_none_is_made(self, tmp_path, monkeypatch, command):
        monkeypatch.setenv("LANG", "en_US.UTF-8")
        done = run("rules", *command, "--data", tmp_path / "none")
        assert done.exit_code == CANNOT
        assert "There is no system of Ruta" in done.output
        assert not (tmp_path / "none").exists()

    def test_a_directory_that_cannot_be_read_ends_with_2(self, tmp_path):
        for wrong in ("{", "[]"):
            (tmp_path / "d.json").write_text(wrong)
            assert run("rules", "prove", "--directory", tmp_path / "d.json").exit_code == CANNOT
        (tmp_path / "o.json").write_text("[1]")
        assert run("rules", "prove", "--offers", tmp_path / "o.json").exit_code == CANNOT


class TestReceipts:
    def test_all_come_out_the_same(self, host):
        done = run("receipts", "rederive", "--sample", 100)
        assert done.exit_code == GOOD, done.output
        lines = done.stdout.splitlines()
        assert len(lines) == host.rows("SELECT count(*) AS n FROM referral.receipt")[0]["n"]
        assert all("agrees  SHA-256" in line for line in lines)

    def test_one_that_was_tampered_with_is_found(self, host):
        (chosen, *_) = host.rows("SELECT id::text FROM referral.receipt ORDER BY id")
        host.rows(
            "UPDATE referral.receipt SET body = jsonb_set(body, '{priority,level}', '3') WHERE id = :id RETURNING id",
            id=chosen["id"],
        )
        done = run("receipts", "rederive", chosen["id"])
        assert done.exit_code == FOUND
        assert "DOES NOT AGREE in priority.level" in done.stdout
        assert run("receipts", "rederive", an_id("no receipt")).exit_code == CANNOT

    def test_an_exported_one_is_verified_without_a_database(self, host, tmp_path, monkeypatch):
        (chosen, *_) = host.rows(
            "SELECT id::text FROM referral.receipt WHERE body ->> 'gap' IS NULL ORDER BY id"
        )
        file = tmp_path / "receipt.json"
        assert run("receipts", "export", chosen["id"], file).exit_code == GOOD
        assert file.stat().st_mode & 0o077 == 0
        for name in ("INTAKE", "IDENTITY", "REFERRAL"):
            monkeypatch.setenv(f"{name}_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
        done = run("receipts", "verify", file)
        assert (done.exit_code, "agrees" in done.stdout) == (GOOD, True)
        document = json.loads(file.read_text())
        document["receipt"]["candidates"][0]["score"] = 0.01
        file.write_text(json.dumps(document))
        assert run("receipts", "verify", file).exit_code == FOUND
        document["directory"]["version"] += 1
        file.write_text(json.dumps(document))
        assert run("receipts", "verify", file).exit_code == CANNOT
        file.write_text("{}")
        assert run("receipts", "verify", file).exit_code == CANNOT

    def test_a_case_is_decided_as_of_another_day(self, host):
        case = host.rows("SELECT assessment_id::text AS id FROM referral.person_case ORDER BY 1 LIMIT 1")[0][
            "id"
        ]
        today = run("receipts", "decide", case, "--at", host.now.date().isoformat())
        assert today.exit_code == GOOD, today.output
        rows = {json.loads(line)["route"]["row_id"] for line in today.stdout.splitlines()}
        assert "R-MHP-03.1" in rows
        assert run("receipts", "decide", case, "--at", "2001-01-01").exit_code == CANNOT
