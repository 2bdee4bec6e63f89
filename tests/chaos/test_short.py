"""The short chaos run, on the whole product: every kind of fault once, nothing lost, nothing doubled."""

import os
import random
import sys

import pytest

from tests.chaos import report, run


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_doubled_whatever_is_killed(tmp_path):
    seed = int(os.environ.get("RUTA_CHAOS_SEED", random.SystemRandom().randrange(1_000_000)))
    said = [f"repeat with RUTA_CHAOS_SEED={seed}"]
    result = run.run(tmp_path, run.short(seed), said.append)
    sys.stdout.write("\n".join([*said, report.as_text(result)]))
    assert result.verdict.is_good, report.as_text(result)
    assert result.acknowledged > 100
    assert len(result.happened) >= 20
