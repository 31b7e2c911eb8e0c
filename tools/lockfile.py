"""Read a lock: one pinned, hashed requirement after another, and nothing else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_HASH = re.compile(r"--hash=(\S*)")
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package at one version, for the environments its marker names."""

    name: str
    version: Version
    marker: Marker | None
    hashes: frozenset[str]

    @property
    def applies_here(self) -> bool:
        """Tell whether this interpreter on this system installs the package."""
        return self.marker is None or self.marker.evaluate()


@dataclass(frozen=True, slots=True)
class Lock:
    """The pins of one lock by canonical name, and what was wrong with its other lines."""

    title: str
    pins: dict[str, Pin]
    problems: tuple[str, ...]


def read_lock(path: Path) -> Lock:
    """Read the lock at ``path``; a line that is no pin becomes a problem, not an exception."""
    pins: dict[str, Pin] = {}
    problems: list[str] = []
    for line in _logical_lines(path.read_text("utf-8")):
        parsed = _parse(line)
        if isinstance(parsed, str):
            problems.append(f"{path.name}: {parsed}: {line[:60]}")
        elif parsed.name in pins:
            problems.append(f"{path.name}: {parsed.name} is pinned twice")
        else:
            pins[parsed.name] = parsed
    return Lock(path.name, pins, tuple(problems))


def _logical_lines(text: str) -> Iterator[str]:
    for line in re.sub(r"\\\n", " ", text).splitlines():
        stripped = re.sub(r"(^|\s)#.*", "", line).strip()
        if stripped:
            yield stripped


def _parse(line: str) -> Pin | str:
    """Return the pin that ``line`` states, or the words for why it states none."""
    if "://" in line:
        return "an address does not belong in a lock"
    if line.startswith("-"):
        return "an option does not belong in a lock"
    try:
        requirement = Requirement(_HASH.sub("", line))
    except InvalidRequirement:
        return "not a requirement"
    hashes = _HASH.findall(line)
    if not hashes or not all(_SHA256.fullmatch(each) for each in hashes):
        return "without a SHA-256 hash"
    match list(requirement.specifier):
        case [only] if only.operator == "==" and not only.version.endswith(".*"):
            name = canonicalize_name(requirement.name)
            return Pin(name, Version(only.version), requirement.marker, frozenset(hashes))
        case _:
            return "not pinned to one version"
