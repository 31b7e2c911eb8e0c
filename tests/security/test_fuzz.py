"""Row A1, in a few seconds: schemathesis asks a live node a little; `make fuzz` asks it all."""

from pathlib import Path

import pytest

from tests.requirements import requirement
from tools.fuzz import Asked, fuzz, reached
from tools.live_node import live_node

SOME = ("--include-path-regex", "^/(v1/(memories|search|tokens|sessions)|1[.]0/)")


@requirement("serving.fuzz", "serving.api")
def test_what_is_sent_at_random_finds_no_failure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with live_node(tmp_path, 10**9) as node:
        ended = fuzz(node, tmp_path, Asked(1, examples=1, phases="fuzzing", more=SOME))

    assert ended == 0, capfd.readouterr().out
    assert "0 of" not in reached(tmp_path / "1.ndjson")
