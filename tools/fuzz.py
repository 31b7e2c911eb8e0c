"""`make fuzz`: let schemathesis ask a live node all it can think of, under three seeds.

``--seeds 1 2 3 --examples 100`` chooses how long; a failure names what was sent.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools import fuzz_hooks
from tools.live_node import LiveNode, live_node

SEEDS: Final = (1, 2, 3)
EXAMPLES: Final = 100
PHASES: Final = "examples,coverage,fuzzing,stateful"
NO_LIMIT: Final = 10**9
_WELL: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """How much is asked."""

    seed: int
    examples: int = EXAMPLES
    phases: str = PHASES
    more: tuple[str, ...] = ()


def fuzz(node: LiveNode, reports: Path, asked: Asked) -> int:
    """Run schemathesis over a live node and return what it ended with: 0 for no failure."""
    document = reports / "openapi.json"
    document.write_text(json.dumps(node.visitor().ask("GET", "/openapi.json").body))
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", str(document)),
        *("--url", f"http://127.0.0.1:{node.port}"),
        *("--checks", "all", "--phases", asked.phases),
        *("--max-examples", str(asked.examples), "--seed", str(asked.seed)),
        *("--report", "ndjson", "--report-ndjson-path", str(reports / f"{asked.seed}.ndjson")),
        *asked.more,
    ]
    environment = os.environ | {
        fuzz_hooks.ORIGIN: node.origin,
        fuzz_hooks.SECRET: node.secret,
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "PYTHONWARNINGS": "ignore",
    }
    return subprocess.run(command, env=environment, check=False).returncode


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz under each seed, each with a vault of its own; return how many failed."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="of each operation")
    parser.add_argument("--phases", default=PHASES)
    parser.add_argument("--reports", type=Path, help="a folder that keeps what was asked")
    given, more = parser.parse_known_args(arguments)
    failed = 0
    for seed in given.seeds:
        with tempfile.TemporaryDirectory(prefix="mnemosyne-fuzz-") as made:
            reports = given.reports or Path(made)
            with live_node(Path(made), NO_LIMIT) as node:
                asked = Asked(seed, given.examples, given.phases, tuple(more))
                failed += fuzz(node, reports, asked) != 0
            print(f"Seed {seed}: {reached(reports / f'{seed}.ndjson')}")
    return failed


def reached(report: Path) -> str:
    """Say how many operations were answered well at least once."""
    asked, well = set(), set()
    with report.open(encoding="utf-8") as lines:
        for line in lines:
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
            for interaction in recorder.get("interactions", {}).values():
                label = recorder["label"]
                asked.add(label)
                response = interaction.get("response") or {}
                if response.get("status_code", 0) // 100 == _WELL:
                    well.add(label)
    return f"{len(well)} of {len(asked)} operations were answered 2xx."


if __name__ == "__main__":
    sys.exit(main())
