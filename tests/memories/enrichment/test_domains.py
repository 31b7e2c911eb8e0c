from pathlib import Path

import numpy as np
import pytest

from mnemosyne.adapters.embedders.minilm import MiniLmEmbedder
from mnemosyne.memories.enrichment import domains, vocabulary
from mnemosyne.memories.enrichment.domains import Prototypes
from mnemosyne.memories.enrichment.vocabulary import VOCABULARY, canonical
from mnemosyne.memories.model import DomainSource
from tests.requirements import requirement

DATA = Path(__file__).parent / "data"
FOUNDING_WORDS = [
    "technical",
    "philosophical",
    "creative",
    "analytical",
    "social",
    "technology",
    "philosophy",
    "psychology",
    "science",
    "art",
    "business",
    "health",
    "systems",
    "recursion",
    "logic",
    "transformation",
    "networks",
    "void",
    "withdrawal",
]
IDS = [
    "technology",
    "science",
    "philosophy",
    "psychology",
    "art",
    "writing",
    "music",
    "health",
    "food",
    "home",
    "nature",
    "travel",
    "family",
    "friendship",
    "work",
    "money",
    "society",
    "faith",
    "learning",
    "play",
    "other",
]


def axes(count: int) -> Prototypes:
    """Return prototypes at right angles, named from a on."""
    return Prototypes(tuple("abcdef"[:count]), np.eye(8, dtype=np.float32)[:count])


def vector(*values: float) -> domains.Vector:
    return np.array([*values, *[0.0] * (8 - len(values))], np.float32)


@pytest.fixture(scope="module")
def known(embedder: MiniLmEmbedder) -> Prototypes:
    return domains.prototypes(embedder)


@requirement("domains.vocabulary")
def test_there_are_21_domains_each_with_all_it_needs() -> None:
    assert [domain.id for domain in VOCABULARY] == IDS
    for domain in VOCABULARY:
        assert domain.label
        assert domain.gloss
        assert domain.aliases
        assert len(set(domain.examples)) >= 2


@requirement("domains.vocabulary")
def test_every_domain_word_of_the_founding_texts_is_known() -> None:
    assert [word for word in FOUNDING_WORDS if canonical(word) == "other"] == []


def test_no_word_stands_for_two_domains() -> None:
    words = [w for one in VOCABULARY for w in (one.id, *one.aliases)]

    assert len(words) == len(set(words))


@pytest.mark.parametrize("name", ["basket weaving", "", "  ", "テスト", "other", "x" * 1000])
def test_a_domain_nobody_knows_becomes_other(name: str) -> None:
    assert canonical(name) == "other"


@pytest.mark.parametrize("name", ["Technical", " TECHNOLOGY ", "systems"])
def test_an_alias_stands_for_its_domain_however_it_is_written(name: str) -> None:
    assert canonical(name) == "technology"


@requirement("domains.classified")
def test_the_nearest_prototype_wins_and_those_close_behind_are_suggested() -> None:
    first, second = domains.classify(vector(0.5, 0.48, 0.4), axes(3))

    assert (first.name, second.name) == ("a", "b")
    assert first.weight > second.weight
    assert first.weight + second.weight == pytest.approx(1, abs=1e-3)
    assert first.confidence == pytest.approx(0.5)
    assert first.source is DomainSource.MODEL


@requirement("domains.classified")
def test_a_text_near_nothing_belongs_to_other() -> None:
    (only,) = domains.classify(vector(0.12, 0.1), axes(2))

    assert (only.name, only.weight, only.confidence) == ("other", 1.0, 0.0)


def test_twenty_corrections_move_a_domain_and_nineteen_do_not() -> None:
    corrected = np.tile(vector(0, 0, 1), (20, 1))
    text = vector(0.5, 0, 0.8)

    assert domains.classify(text, axes(2), {"b": corrected[:19]})[0].name == "a"
    moved = domains.classify(text, axes(2), {"b": corrected})
    assert [one.name for one in moved] == ["a"]
    far = domains.classify(vector(0.3, 0, 0.8), axes(2), {"b": corrected})
    assert far[0].name == "b"
    assert far[0].confidence == pytest.approx(0.4)


def test_a_persons_own_examples_change_what_a_domain_means(
    embedder: MiniLmEmbedder, known: Prototypes
) -> None:
    text = embedder.embed_query("The bees swarmed and I put them into a new hive.")
    own = vocabulary.with_examples(
        {"Hobbies": ["Inspected the beehives.", "My bees made forty jars of honey."]}
    )

    assert domains.classify(text, known)[0].name != "play"
    assert domains.classify(text, domains.prototypes(embedder, own))[0].name == "play"


@requirement("domains.classified")
@pytest.mark.parametrize(
    ("file", "floor"),
    [
        # 71 of 80 (89 %); 63 (79 %) before examples were added with sight of the misses.
        ("domains.tsv", 0.80),
        # 36 of 40 (90 %); written after the examples and not used to change them.
        ("domains-held-out.tsv", 0.80),
    ],
)
def test_most_diary_sentences_get_their_domain(
    embedder: MiniLmEmbedder, known: Prototypes, file: str, floor: float
) -> None:
    rows = [line.split("\t") for line in (DATA / file).read_text("utf-8").splitlines()]
    vectors = embedder.embed_documents([text for _, text in rows])
    examples = {example for domain in VOCABULARY for example in domain.examples}

    found = [domains.classify(one, known)[0].name for one in vectors]
    right = sum(name == gold for name, (gold, _) in zip(found, rows, strict=True))

    print(f"{file}: {right} of {len(rows)}")  # noqa: T201 - shown by pytest -rP
    assert examples.isdisjoint(text for _, text in rows)
    assert right / len(rows) >= floor


def test_the_vector_of_a_long_text_has_length_one() -> None:
    chunks = np.stack([vector(1), vector(0, 1)])

    assert np.linalg.norm(domains.text_vector(chunks)) == pytest.approx(1)
    assert not domains.text_vector(np.zeros((1, 8), np.float32)).any()


def test_a_domain_that_is_too_far_gets_no_share_beside_one_that_is_barely_near() -> None:
    near, far = domains.LEAST_SIMILARITY + 0.005, domains.LEAST_SIMILARITY - 0.01

    found = domains.classify(vector(near, far), axes(3))

    assert [(each.name, each.weight) for each in found] == [("a", 1.0)]
