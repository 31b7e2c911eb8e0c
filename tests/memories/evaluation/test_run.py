"""An evaluation goes through capture and search as anyone's memories do, and leaves nothing."""

from pathlib import Path

import pytest

from mnemosyne.adapters.embedders.minilm import MiniLmEmbedder
from mnemosyne.memories.evaluation import baselines
from mnemosyne.memories.evaluation.beir import read
from mnemosyne.memories.evaluation.errors import NothingToEvaluateError
from mnemosyne.memories.evaluation.run import evaluate
from mnemosyne.memories.ports import Embedder, EmbedderIdentity
from tests.memories.evaluation.data_sets import CORPUS, write
from tests.requirements import requirement


class Having:
    """The one embedder of a test, or none at all."""

    def __init__(self, embedder: MiniLmEmbedder | None = None) -> None:
        self._embedder = embedder

    def wanted(self) -> Embedder | None:
        return self._embedder

    def of(self, identity: EmbedderIdentity) -> Embedder | None:
        found = self._embedder
        return found if found is not None and found.identity == identity else None

    def problem(self) -> str:
        return "" if self._embedder else "there are no weights"


@requirement("eval.normal-path")
async def test_each_folder_is_stored_and_asked_as_an_owner_of_its_own(
    tmp_path: Path, embedder: MiniLmEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    folders = [write(tmp_path / name) for name in ("one", "other")]
    said: list[str] = []

    report = await evaluate(
        [read(each) for each in folders], Having(embedder), progress=said.append
    )

    assert [(j.folder, j.query_id) for j in report.judged] == [
        (name, query) for name in ("one", "other") for query in ("q1", "q2")
    ]
    own = {row["_id"] for row in CORPUS}
    for judged in report.judged:
        assert len(set(judged.ranking)) == len(judged.ranking) <= len(own)
        assert judged.relevant <= set(judged.ranking[:3])
    assert report.entries == 2 * len(CORPUS)
    assert report.without_evidence == 2
    assert report.index_bytes > 0
    assert said[0] == f"one: storing {len(CORPUS)} entries"
    assert not list(scratch.iterdir())


@requirement("eval.baselines")
async def test_full_text_vectors_and_rank_fusion_stand_beside(
    tmp_path: Path, embedder: MiniLmEmbedder
) -> None:
    report = await evaluate([read(write(tmp_path / "one"))], Having(embedder))

    for judged in report.judged:
        assert set(judged.baselines) == {"full_text", "dense", "rrf"}
        assert len(judged.baselines["dense"]) == len(CORPUS)
    assert report.embedder == embedder.identity.key


async def test_only_the_chosen_categories_are_asked(tmp_path: Path) -> None:
    data = read(write(tmp_path / "one"))

    report = await evaluate([data], Having(), categories=("adversarial",))

    assert [judged.query_id for judged in report.judged] == ["q3"]
    assert set(report.judged[0].baselines) == {"full_text"}


async def test_without_evidence_there_is_nothing_to_evaluate(tmp_path: Path) -> None:
    data = read(write(tmp_path / "one"))

    with pytest.raises(NothingToEvaluateError, match="open-domain"):
        await evaluate([data], Having(), categories=("open-domain",))


def test_ranks_are_fused_by_their_reciprocals() -> None:
    assert baselines.reciprocal_rank_fusion([[1, 2, 3], [3, 4]]) == [3, 1, 2, 4]
