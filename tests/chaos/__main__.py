"""`python -m tests.chaos [--short] [--seed N] [--events N] [--faults N] [--broker rabbitmq] [--output FILE]`

Exit status 1 when anything was lost, doubled, stuck or leaked.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.chaos import report, run

BROKERS = ("valkey", "rabbitmq")


def main() -> int:
    chosen = arguments()
    seed = random.SystemRandom().randrange(1_000_000) if chosen.seed is None else chosen.seed
    size = run.short(seed) if chosen.short else run.full(seed, chosen.events, chosen.faults)
    size = replace(size, only=tuple(chosen.only), broker=chosen.broker)
    folder = Path(tempfile.mkdtemp(prefix="ruta-chaos-"))
    tell(f"chaos with seed {seed}: repeat with --seed {seed}")
    result = run.run(folder, size, tell)
    tell(report.as_text(result))
    if chosen.output:
        report.write(result, chosen.output)
    if not result.verdict.is_good:
        tell(f"kept for a look: {folder}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--short", action="store_true", help="every kind of fault once, about two minutes")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument(
        "--only", action="append", default=[], metavar="FAULT", help="this kind alone; repeatable"
    )
    parser.add_argument("--broker", choices=BROKERS, default=BROKERS[0])
    parser.add_argument("--output", type=Path, help="JSON with everything measured")
    return parser.parse_args()


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
