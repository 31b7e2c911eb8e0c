"""What a cached graph is trusted for: nothing but its digest."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnemosyne.adapters.embedders.cache import load_or_build
from mnemosyne.adapters.embedders.errors import GraphCacheError, GraphChangedError
from tests.requirements import requirement

SOURCE = Path(__file__).parents[3] / "src"
GRAPH = b"graph" * 1000


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def never() -> bytes:
    raise AssertionError


def build() -> bytes:
    return GRAPH


def test_a_graph_is_built_once(tmp_path: Path) -> None:
    built = load_or_build(tmp_path, "key", build, None)
    again = load_or_build(tmp_path, "key", never, None)

    assert built == again
    assert built.digest == digest(built.file.read_bytes())


def test_graphs_of_different_keys_do_not_meet(tmp_path: Path) -> None:
    one = load_or_build(tmp_path, "one", build, None)
    other = load_or_build(tmp_path, "other", lambda: b"other", None)

    assert one.file.read_bytes() == GRAPH
    assert other.file.read_bytes() == b"other"


@requirement("embedder.digest")
@pytest.mark.parametrize("expected", [None, digest(GRAPH)])
def test_a_flipped_bit_is_built_again_and_never_loaded(
    tmp_path: Path, expected: str | None
) -> None:
    file = load_or_build(tmp_path, "key", build, None).file
    damaged = bytearray(GRAPH)
    damaged[77] ^= 4
    file.write_bytes(damaged)

    assert load_or_build(tmp_path, "key", build, expected).digest == digest(GRAPH)
    assert file.read_bytes() == GRAPH


@requirement("embedder.digest")
def test_a_graph_replaced_together_with_its_note_is_not_the_vaults(tmp_path: Path) -> None:
    load_or_build(tmp_path, "key", lambda: b"planted", None)

    assert load_or_build(tmp_path, "key", build, digest(GRAPH)).file.read_bytes() == GRAPH


def test_a_graph_whose_note_was_never_written_is_built_again(tmp_path: Path) -> None:
    load_or_build(tmp_path, "key", build, None)
    (tmp_path / "key.sha256").unlink()

    assert load_or_build(tmp_path, "key", build, None).digest == digest(GRAPH)
    assert (tmp_path / "key.sha256").read_text() == digest(GRAPH)


def test_the_digest_of_the_vault_is_enough_without_a_note(tmp_path: Path) -> None:
    load_or_build(tmp_path, "key", build, None)
    (tmp_path / "key.sha256").unlink()

    assert load_or_build(tmp_path, "key", never, digest(GRAPH)).digest == digest(GRAPH)


def test_a_graph_that_cannot_be_built_as_before_is_a_new_embedder(tmp_path: Path) -> None:
    with pytest.raises(GraphChangedError) as refused:
        load_or_build(tmp_path, "key", build, digest(b"of an older library"))

    assert refused.value.built == digest(GRAPH)
    assert load_or_build(tmp_path, "key", never, None).digest == digest(GRAPH)


def test_processes_that_build_at_once_agree_and_leave_nothing_behind(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from mnemosyne.adapters.embedders.cache import load_or_build;"
        "print(load_or_build(Path(sys.argv[1]), 'key', lambda: b'graph' * 1000000, None).digest)"
    )
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "cache")],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = [process.communicate()[0].strip() for process in processes]

    assert said == [digest(b"graph" * 1_000_000)] * 4
    assert {file.name for file in (tmp_path / "cache").iterdir()} == {"key.onnx", "key.sha256"}


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(GraphCacheError) as refused:
        load_or_build(tmp_path / "file" / "cache", "key", build, None)

    assert "MNEMOSYNE_CACHE" in refused.value.hint
