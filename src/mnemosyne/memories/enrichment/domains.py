"""Which domains a text belongs to: the nearest prototypes, and what a person corrected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mnemosyne.memories.enrichment.vocabulary import OTHER, VOCABULARY, Domain
from mnemosyne.memories.model import DomainSource, MemoryDomain

Vector = NDArray[np.float32]

LEAST_SIMILARITY = 0.12
"""Cosine with the nearest prototype below which a text has no domain of the vocabulary."""

SUGGESTED_WITHIN = 0.03
"""Domains this close behind the nearest are suggested beside it."""

ENOUGH_CORRECTIONS = 20
"""From so many corrected texts in a domain on, they count as much as its prototype."""

_NEIGHBOURS = 2


class DocumentEmbedder(Protocol):
    """What prototypes are made with."""

    def embed_documents(self, texts: Sequence[str]) -> Vector:
        """Return one unit vector for each text, shape (n, dimensions)."""
        ...


@dataclass(frozen=True, slots=True)
class Prototypes:
    """One unit vector for each domain: ``vectors`` has the shape (len(names), dimensions)."""

    names: tuple[str, ...]
    vectors: Vector


def prototypes(embedder: DocumentEmbedder, vocabulary: Sequence[Domain] = VOCABULARY) -> Prototypes:
    """Return the normalised mean of gloss and examples of every domain but "other".

    Measured: the names alone put 40 % of texts right, glosses 69 %, gloss and examples 86 %.
    """
    domains = [domain for domain in vocabulary if domain.id != OTHER]
    texts = [(domain.gloss, *domain.examples) for domain in domains]
    vectors = embedder.embed_documents([text for group in texts for text in group])
    borders = np.cumsum([len(group) for group in texts])[:-1]
    means = [_unit(part.mean(axis=0)) for part in np.split(vectors, borders)]
    return Prototypes(tuple(domain.id for domain in domains), np.stack(means))


def classify(
    vector: Vector, known: Prototypes, corrected: Mapping[str, Vector] | None = None
) -> list[MemoryDomain]:
    """Return the domain of the text with the unit ``vector``, suggested ones after it.

    ``corrected`` holds, by domain, the vectors of texts that their person put there, shape
    (n, dimensions). Confidence is the cosine; the weights add up to 1. A text near no prototype
    belongs to "other".
    """
    scores = known.vectors @ vector
    for index, name in enumerate(known.names):
        texts = (corrected or {}).get(name)
        if texts is not None and len(texts) >= ENOUGH_CORRECTIONS:
            nearest = np.sort(texts @ vector)[-_NEIGHBOURS:]
            scores[index] = (scores[index] + nearest.mean()) / 2
    best = float(scores.max())
    if best <= LEAST_SIMILARITY:
        return [MemoryDomain(OTHER, 1.0, DomainSource.MODEL, 0.0)]
    lowest = max(best - SUGGESTED_WITHIN, LEAST_SIMILARITY)
    order = [index for index in np.argsort(-scores) if scores[index] >= lowest]
    floor = max(LEAST_SIMILARITY, best - 2 * SUGGESTED_WITHIN)
    shares = [float(scores[index]) - floor for index in order]
    total = sum(shares)
    return [
        MemoryDomain(
            known.names[index],
            round(share / total, 4),
            DomainSource.MODEL,
            round(min(float(scores[index]), 1.0), 4),
        )
        for index, share in zip(order, shares, strict=True)
    ]


def text_vector(chunks: Vector) -> Vector:
    """Return the unit vector of a long text from those of its chunks, shape (n, dimensions)."""
    return _unit(chunks.mean(axis=0))


def _unit(vector: Vector) -> Vector:
    length = float(np.linalg.norm(vector))
    return vector if length == 0 else (vector / length).astype(np.float32)
