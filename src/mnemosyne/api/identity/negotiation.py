"""Content negotiation: which of the forms that can be given a client prefers (RFC 9110 §12.5.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_NAME: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_RANGE: Final = re.compile(rf"\s*({_NAME})/({_NAME})\s*((?:;[^;]*)*)\s*")
_QUALITY: Final = re.compile(r"\s*q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE)
_MOST_RANGES: Final = 32


@dataclass(frozen=True, slots=True)
class _MediaRange:
    type: str
    subtype: str
    quality: float

    def specificity(self, media_type: str) -> int:
        """Return how exactly this range names ``media_type``; 0 where it does not."""
        main, _, sub = media_type.partition("/")
        if (self.type, self.subtype) == (main, sub):
            return 3
        if (self.type, self.subtype) == (main, "*"):
            return 2
        return 1 if (self.type, self.subtype) == ("*", "*") else 0


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """Return the one of ``offered`` that ``accept`` prefers, None where none is acceptable.

    Among equals the earlier offer is taken. An empty ``accept`` accepts everything. Parameters of
    a media range other than its quality are not looked at: none of the offers has any.
    """
    if not accept.strip():
        return offered[0]
    ranges = _ranges(accept)
    best, best_quality = None, 0.0
    for media_type in offered:
        exact = max(ranges, key=lambda each: each.specificity(media_type), default=None)
        if exact is None or not exact.specificity(media_type):
            continue
        if exact.quality > best_quality:
            best, best_quality = media_type, exact.quality
    return best


def _ranges(accept: str) -> list[_MediaRange]:
    found = []
    for part in accept.split(",", _MOST_RANGES)[:_MOST_RANGES]:
        match = _RANGE.fullmatch(part)
        if match is None:
            continue
        quality = _quality(match[3])
        if quality is not None:
            found.append(_MediaRange(match[1].lower(), match[2].lower(), quality))
    return found


def _quality(parameters: str) -> float | None:
    """Return the quality among ``parameters``, 1 where there is none, None for a malformed one."""
    for parameter in parameters.split(";")[1:]:
        if not parameter.strip().lower().startswith("q"):
            continue
        if match := _QUALITY.fullmatch(parameter):
            return float(match[1])
        if parameter.partition("=")[0].strip().lower() == "q":
            return None
    return 1.0
