"""The demo, whole: every sample case reaches the end its author expects, through the public API alone."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.demo.verdict import missing
from deploy.local.embedded.ports import free_port
from deploy.local.seed import Sample

ROOT = Path(__file__).parents[3]


@pytest.mark.timeout(900)
def test_the_demo_ends_by_itself_with_every_case_at_its_end_and_may_be_repeated(tmp_path):
    command = [sys.executable, "-m", "deploy.local.cli", "demo", "--once", "--port", str(free_port())]
    for _ in range(2):
        done = subprocess.run(
            [*command, "--data", str(tmp_path / "data")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={**os.environ, "LANG": "C.UTF-8", "LC_ALL": ""},
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        assert "60 de 60 casos llegaron a su fin." in done.stdout
    left = {file.name for file in (tmp_path / "data").iterdir()}
    assert left == {"lock", "log", "postgres", "secrets.env", "valkey"}


class TestVerdict:
    SAMPLE = Sample("co-00", {}, {"BAS.FOOD": {"priority": "P2", "services": ["FOOD"]}}, "completed")

    def need(self, **changes):
        return {"id": "n", "code": "BAS.FOOD", "gaps": [], **changes}

    def case(self, **need):
        return {"needs": [self.need(**need)], "messages": [{"audience": "person", "status": "delivered"}]}

    def referral(self, **changes):
        return {"need_id": "n", "service_type": "FOOD", "status": "completed", "priority": 2, **changes}

    def test_a_case_at_its_end_misses_nothing(self):
        assert missing(self.SAMPLE, self.case(), [self.referral()]) == []

    def test_a_wrong_priority_is_named(self):
        assert missing(self.SAMPLE, self.case(), [self.referral(priority=1)]) == ["BAS.FOOD: P1, not P2"]

    def test_help_that_nobody_has_given_yet_is_named(self):
        assert missing(self.SAMPLE, self.case(), [self.referral(status="accepted")]) == ["FOOD not completed"]

    def test_help_that_nobody_expected_is_named(self):
        more = [self.referral(), self.referral(service_type="NFI")]
        assert missing(self.SAMPLE, self.case(), more) == ["NFI not expected"]

    def test_help_that_two_needs_ask_for_counts_for_both(self):
        sample = replace(self.SAMPLE, needs={**self.SAMPLE.needs, "BAS.NFI": self.SAMPLE.needs["BAS.FOOD"]})
        case = self.case()
        case["needs"].append(self.need(id="m", code="BAS.NFI"))
        assert missing(sample, case, [self.referral()]) == []

    def test_a_case_without_a_decision_about_messages_is_not_at_its_end(self):
        case = {**self.case(), "messages": []}
        assert len(missing(self.SAMPLE, case, [self.referral()])) == 1
