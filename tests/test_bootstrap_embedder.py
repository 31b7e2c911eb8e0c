"""The embedder of a whole vault: where its graph lies, whose weights it takes, and a move."""

import asyncio
import hashlib
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, text

from mnemosyne import bootstrap
from mnemosyne.adapters.embedders.weights import Weights, find_weights
from mnemosyne.application import Application
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.memories.model import Draft
from mnemosyne.memories.ports import EmbedderIdentity
from mnemosyne.memories.store import embeddings
from mnemosyne.settings import Settings
from tests.adapters.embedders.reference import write_small_bert
from tests.clock import SetClock
from tests.requirements import requirement

SECRET = KeyFile(bytes(range(32)))


@pytest.fixture(scope="module")
def weights() -> Weights:
    return find_weights()


@pytest.fixture
def settings(tmp_path: Path, clock: SetClock) -> Settings:
    """Give a vault of the test's own, and an empty cache."""
    made = Settings(home=tmp_path / "home", cache=tmp_path / "cache", timezone="Europe/Lisbon")
    asyncio.run(bootstrap.create(made, "Ada", [SECRET], "0" * 64, clock=clock))
    return made


async def remember(application: Application, content: str) -> None:
    me = Principal.local(application.person.id)
    await application.memories.capture(me, Draft(content), content)
    await application.dispatcher.drain(600)


async def identity(application: Application) -> EmbedderIdentity:
    serving = await application.database.read(embeddings.serving)
    assert serving is not None
    return serving.identity


async def found(application: Application, question: str) -> list[str]:
    me = Principal.local(application.person.id)
    result = await application.search.search(me, question)
    return [hit.memory.content for hit in result.hits]


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


@requirement("embedder.digest")
async def test_the_graph_lies_in_the_cache_and_its_digest_in_the_vault(
    settings: Settings, clock: SetClock
) -> None:
    async with bootstrap.opened(settings, SECRET, "test", clock) as first:
        await remember(first, "We repaired the bicycle.")
        known = await identity(first)
    (graph,) = settings.cache.glob("*.onnx")
    assert sha256(graph) == known.graph
    assert list(settings.home.rglob("*.onnx")) == []

    # Whoever can write to the cache can write the note beside the graph as well.
    graph.write_bytes(b"planted")
    graph.with_suffix(".sha256").write_text(sha256(graph))

    async with bootstrap.opened(settings, SECRET, "test", clock) as second:
        await remember(second, "The tyre was flat.")
        assert await identity(second) == known
        assert "We repaired the bicycle." in await found(second, "mending my bike")
    assert sha256(graph) == known.graph


@requirement("embedder.own-weights")
async def test_a_setting_points_at_weights_of_ones_own(
    settings: Settings, weights: Weights, clock: SetClock, tmp_path: Path
) -> None:
    write_small_bert(tmp_path / "own", weights.tokenizer)
    own = settings.model_copy(update={"weights": tmp_path / "own"})
    assert bootstrap.missing_weights(own) == ""

    async with bootstrap.opened(own, SECRET, "test", clock) as application:
        await remember(application, "We repaired the bicycle.")
        used = await identity(application)
        wanted = application.embedders.wanted()
        assert wanted is not None
        assert application.embedders.of(used) is wanted
        assert (await found(application, "bicycle"))[0] == "We repaired the bicycle."

    assert used.dimensions == 16
    assert used.weights == sha256(tmp_path / "own" / "model.safetensors")
    assert used.name == f"own-{used.weights[:8]}"


@requirement("embedder.own-weights")
async def test_a_folder_without_weights_is_told_and_nothing_else_is_taken_in_their_place(
    settings: Settings, clock: SetClock, tmp_path: Path
) -> None:
    own = settings.model_copy(update={"weights": tmp_path / "empty"})

    assert str(tmp_path / "empty") in bootstrap.missing_weights(own)
    async with bootstrap.opened(own, SECRET, "test", clock) as application:
        await remember(application, "We repaired the bicycle.")
        assert await application.database.read(embeddings.known) == []


@requirement("embedder.moved")
async def test_after_a_move_doctor_offers_to_embed_again_and_that_helps(
    settings: Settings, clock: SetClock
) -> None:
    async with bootstrap.opened(settings, SECRET, "test", clock) as application:
        me = Principal.local(application.person.id)

        async def moved() -> list[str]:
            findings = await application.doctor.examine(me)
            return [each.hint for each in findings if "encodes texts otherwise" in each.what]

        await remember(application, "We repaired the bicycle.")
        assert await moved() == []
        await application.database.write(as_if_made_elsewhere)
        (hint,) = await moved()
        assert "mnemosyne reindex --again" in hint

        assert (await application.reindexing.start(me, again=True)).missing == 1
        await application.dispatcher.drain(600)

        assert await moved() == []
        assert "We repaired the bicycle." in await found(application, "mending my bike")


def as_if_made_elsewhere(tx: Connection) -> None:
    """Turn one of the ten vectors that are kept a little."""
    serving = embeddings.serving(tx)
    assert serving is not None
    kept = embeddings.probe_of(tx, serving.id).astype(np.float32)
    kept[4] += 0.4 * kept[5]
    turned = kept.astype(np.float16).tobytes()
    tx.execute(text("UPDATE embedder SET probe = :probe"), {"probe": turned})
