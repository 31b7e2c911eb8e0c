"""The local embedder as its callers see it."""

import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mnemosyne.adapters.embedders.minilm import MAX_TOKENS, MiniLmEmbedder, open_minilm
from mnemosyne.adapters.embedders.weights import Weights
from mnemosyne.memories.chunking import chunk
from tests.requirements import requirement

if TYPE_CHECKING:
    from mnemosyne.memories.ports import Embedder

SOURCE = Path(__file__).parents[3] / "src"
WORDS = ("harbour", "bicycle", "slowly", "Maria", "questions", "unbelievably", "writes", "the")


def texts_of(lengths: list[int]) -> list[str]:
    chance = random.Random(7)
    return [" ".join(chance.choices(WORDS, k=length)) for length in lengths]


@requirement("embedder.int8")
def test_it_is_an_embedder(embedder: MiniLmEmbedder) -> None:
    def dimensions(port: "Embedder") -> int:
        return port.dimensions

    assert dimensions(embedder) == embedder.identity.dimensions == 384
    assert embedder.identity.precision == "int8"


@requirement("embedder.int8")
@pytest.mark.parametrize(
    "text", ["", " \t\n", "\u1bc3\u1bc4", "\x00", "🚲" * 30, "a" * 5000, "\ud7ff", "一" * 600]
)
def test_every_text_gives_a_finite_unit_vector(embedder: MiniLmEmbedder, text: str) -> None:
    vector = embedder.embed_query(text)

    assert vector.shape == (384,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_no_texts_give_no_vectors(embedder: MiniLmEmbedder) -> None:
    assert embedder.embed_documents([]).shape == (0, 384)


def test_vectors_come_in_the_order_of_their_texts(embedder: MiniLmEmbedder) -> None:
    texts = texts_of([40, 1, 200, 3, 90, 2, 150, 7])

    together = embedder.embed_documents(texts)

    alone = np.stack([embedder.embed_query(text) for text in texts])
    assert (together @ alone.T).argmax(axis=1).tolist() == list(range(len(texts)))


@requirement("embedder.int8")
def test_a_vector_does_not_depend_on_the_texts_beside_it(embedder: MiniLmEmbedder) -> None:
    texts = texts_of([1, 2, 3, 5, 8, 13, 21, 34, 55, 89] * 5)

    together = embedder.embed_documents(texts)

    alone = np.stack([embedder.embed_query(text) for text in texts])
    assert (together * alone).sum(axis=1).min() > 0.9999


def test_several_threads_give_the_same_vectors(
    weights: Weights, embedder_cache: Path, embedder: MiniLmEmbedder
) -> None:
    texts = texts_of([5, 50, 20] * 30)

    parallel = open_minilm(weights, embedder_cache, threads=2).embed_documents(texts)

    assert np.array_equal(parallel, embedder.embed_documents(texts))


def test_several_callers_may_ask_for_the_first_vector_at_once(
    weights: Weights, embedder_cache: Path
) -> None:
    fresh = open_minilm(weights, embedder_cache)

    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(fresh.embed_query, ["where is the ladder"] * 8))

    assert all(np.array_equal(vector, vectors[0]) for vector in vectors)


def test_a_text_beyond_the_longest_input_is_cut_and_not_refused(embedder: MiniLmEmbedder) -> None:
    text = texts_of([900])[0]
    cut = text[: embedder.token_offsets(text)[253][1]]

    assert embedder.embed_query(text) @ embedder.embed_query(cut) == pytest.approx(1, abs=1e-5)


def test_offsets_cover_all_tokens_in_characters(embedder: MiniLmEmbedder) -> None:
    text = "Grüße, 東京! unbelievably " + "long " * 400

    offsets = embedder.token_offsets(text)

    assert embedder.count_tokens(text) == len(offsets) > 400
    assert [text[start:end] for start, end in offsets if end <= 10] == [
        *("Gr", "ü", "ße", ",", "東", "京", "!")
    ]
    assert offsets[-1] == (len(text) - 5, len(text) - 1)


@pytest.mark.parametrize(
    "part",
    ["unbelievably ", "antidisestablishmentarianism", "東京。", "한국어 ", "x.y!? ", "Ünïcödé\n"],
)
def test_every_chunk_fits_the_longest_input(embedder: MiniLmEmbedder, part: str) -> None:
    text = part * 700

    for piece in chunk(text, embedder.token_offsets(text)):
        assert embedder.count_tokens(text[piece.start : piece.end]) <= MAX_TOKENS - 2


@requirement("embedder.chunks")
def test_the_last_sentence_of_a_long_text_is_found_by_meaning(embedder: MiniLmEmbedder) -> None:
    filler = "The committee met on Tuesday and talked about the budget of the library. " * 80
    text = filler + "Afterwards our dog learned to swim in the lake."
    pieces = [text[piece.start : piece.end] for piece in chunk(text, embedder.token_offsets(text))]

    scores = embedder.embed_documents(pieces) @ embedder.embed_query("a swimming dog")

    assert scores.argmax() == len(pieces) - 1
    assert scores.max() > embedder.embed_query(text) @ embedder.embed_query("a swimming dog") + 0.1


def test_a_cache_cleared_after_the_start_is_filled_again(weights: Weights, tmp_path: Path) -> None:
    fresh = open_minilm(weights, tmp_path)
    for file in tmp_path.iterdir():
        file.unlink()

    assert fresh.embed_query("still here").shape == (384,)


def test_a_vaults_digest_opens_the_same_embedder(
    weights: Weights, embedder_cache: Path, embedder: MiniLmEmbedder
) -> None:
    again = open_minilm(weights, embedder_cache, expected_digest=embedder.identity.graph)

    assert again.identity == embedder.identity


def test_identities_that_differ_anywhere_have_different_keys(
    embedder: MiniLmEmbedder, exact_embedder: MiniLmEmbedder
) -> None:
    identity = embedder.identity
    others = [
        exact_embedder.identity,
        replace(identity, name="other"),
        replace(identity, weights="0"),
        replace(identity, builder=0),
        replace(identity, graph="0"),
        replace(identity, dimensions=1),
    ]

    assert len({identity.key, *(other.key for other in others)}) == 7
    assert len(identity.key) < 64


def test_a_start_with_a_cached_graph_does_not_load_the_builder(
    embedder: MiniLmEmbedder, embedder_cache: Path
) -> None:
    program = (
        "import sys; from pathlib import Path;"
        "from mnemosyne.adapters.embedders.weights import find_weights;"
        "from mnemosyne.adapters.embedders.minilm import open_minilm;"
        "e = open_minilm(find_weights(), Path(sys.argv[1]), expected_digest=sys.argv[2]);"
        "opened = 'onnxruntime' in sys.modules;"
        "e.embed_query('x');"
        "print(opened, 'onnxruntime' in sys.modules, 'onnx' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(embedder_cache), embedder.identity.graph],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["False", "True", "False"]
