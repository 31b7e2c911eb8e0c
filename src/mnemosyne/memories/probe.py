"""Tell whether a moved vault's vectors still mean the same on this machine.

8-bit results differ a little by processor. After a move these texts are encoded again and held
against their vectors in the vault.
"""

import numpy as np
from numpy.typing import NDArray

from mnemosyne.kit.errors import MnemosyneError

LEAST_AGREEMENT = 0.98
"""Below this cosine the vault's vectors and new ones should not be compared."""

_TEXTS = (
    "The train to the coast leaves at seven.",
    "We planted two apple trees behind the house.",
    "Remember to ask the doctor about the new glasses.",
    "I decided not to renew the lease.",
    "A recipe for lentil soup with cumin and lemon.",
    "The bridge is closed until the end of March.",
    "She said that learning to swim took her a whole summer.",
    "Why did the second experiment fail when the first one worked?",
    "Blue paint for the kitchen, white for the hall, and nothing for the cellar before spring.",
    (
        "The meeting ended late. Nobody wanted to talk about the budget, so we agreed to write "
        "down three questions each and to start with those next time."
    ),
)


class ProbeMismatchError(MnemosyneError):
    """Two sets of vectors have different sizes and cannot be held against each other."""

    code = "probe-mismatch"

    def __init__(self, stored: tuple[int, ...], fresh: tuple[int, ...]) -> None:
        super().__init__(
            f"vectors of shape {stored} cannot be compared with shape {fresh}",
            why="They come from different embedders, or the stored ones are damaged.",
            hint="Embed every memory again: `mnemosyne reindex --again`.",
        )
        self.stored = stored
        self.fresh = fresh


def probe_texts() -> tuple[str, ...]:
    """Return ten fixed texts, short and long, whose vectors a vault keeps for comparison."""
    return _TEXTS


def agreement(stored: NDArray[np.floating], fresh: NDArray[np.floating]) -> float:
    """Return the smallest cosine between vectors in the same row, −1 for one without length.

    Raises:
        ProbeMismatchError: the shapes differ, or there is nothing to compare.
    """
    if stored.shape != fresh.shape or stored.ndim != 2 or not stored.size:  # noqa: PLR2004 - rows
        raise ProbeMismatchError(stored.shape, fresh.shape)
    one, other = stored.astype(np.float64), fresh.astype(np.float64)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    if not (np.isfinite(lengths).all() and lengths.all()):
        return -1.0
    return float(((one * other).sum(axis=1) / lengths).min())
