"""What was kept outside of a vault, and the comparison of a record with it.

A file is believed as far as a key of the node signed it. Then whatever it holds and the record
does not is named: exactly, where the file carries entries or leaf hashes, and otherwise as a range.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from mnemosyne.audit.examination import Examined
from mnemosyne.audit.faults import Fault, Finding
from mnemosyne.kit.crypto import merkle
from mnemosyne.kit.crypto.multikey import BadPublicKeyError
from mnemosyne.kit.crypto.signed_note import (
    Checkpoint,
    MalformedNoteError,
    UnknownSignerError,
    open_note,
    parse_checkpoint,
    text_of,
)
from mnemosyne.kit.crypto.signing import BadSignatureError


@dataclass(frozen=True, slots=True)
class Evidence:
    """A checkpoint that was kept, with what its file carries besides.

    ``leaves`` are all leaf hashes up to its size, or empty; ``entries`` are canonical bytes of
    single entries by their number; ``problem`` says why the file cannot be believed.
    """

    source: str
    head: Checkpoint | None
    leaves: Sequence[bytes] = ()
    entries: Mapping[int, bytes] = field(default_factory=dict)
    problem: str = ""

    @property
    def size(self) -> int:
        """How far it reaches."""
        return self.head.size if self.head else max(self.entries, default=0)


def of_note(
    source: str, note: str, keys: Sequence[bytes], leaves: Sequence[bytes] | None = None
) -> Evidence:
    """Return a note as evidence; what cannot be believed of it is said, not raised.

    Raises:
        MalformedNoteError: it is no checkpoint at all.
    """
    head = parse_checkpoint(text_of(note))
    whole = leaves is not None and len(leaves) == head.size and merkle.root(leaves) == head.root
    problem = "" if leaves is None or whole else "its leaves do not give the root that was signed"
    try:
        open_note(note, head.origin, keys)
    except UnknownSignerError:
        problem = "none of the keys of this vault signed it"
    except (BadSignatureError, BadPublicKeyError):
        problem = "its signature does not hold: it was changed"
    return Evidence(source, head, leaves or () if whole else (), problem=problem)


def is_note(text: str) -> bool:
    """Say whether a text can be a checkpoint."""
    try:
        parse_checkpoint(text_of(text))
    except MalformedNoteError:
        return False
    return True


def compare(found: Examined, kept: Sequence[Evidence]) -> list[Finding]:
    """Return where a record differs from what was kept, and where that contradicts itself."""
    findings = [_forged(found, each) for each in kept if each.problem]
    believed = sorted((e for e in kept if not e.problem), key=lambda e: e.size)
    agreed = 0
    for each in believed:
        differing = _differing(found, each, agreed)
        if differing is None:
            agreed = max(agreed, each.head.size if each.head else 0)
        else:
            findings.append(differing)
    findings.extend(_splits(found, believed))
    return findings


def _forged(found: Examined, kept: Evidence) -> Finding:
    """Say of a file that is not believed why, and where its tree is another one."""
    differing = _differing(found, kept, 0)
    if differing is None:
        return Finding(Fault.FORGED, None, kept.problem, kept.source)
    return Finding(Fault.FORGED, differing.entry, kept.problem, kept.source, differing.last)


def _differing(found: Examined, kept: Evidence, agreed: int) -> Finding | None:
    """Return how the record differs from one file; it agrees with others up to ``agreed``."""
    for number, canonical in sorted(kept.entries.items()):
        leaf = merkle.leaf_hash(canonical)
        if found.leaves[number - 1 : number] != [leaf]:
            return _at(found, number, kept.source)
    pairs = zip_longest(kept.leaves, found.leaves[: len(kept.leaves)])
    if place := next((n for n, (there, here) in enumerate(pairs, 1) if there != here), None):
        return _at(found, place, kept.source)
    head = kept.head
    if head is None or kept.leaves or head.size == 0:
        return None
    if head.size > found.size:
        return _at(found, found.size + 1, kept.source)
    if found.heads[head.size - 1] == head.root:
        return None
    first = agreed + 1
    detail = (
        f"it is not what the checkpoint of {head.size} entries was signed over"
        if first == head.size
        else f"of the entries from {first} to {head.size} one or more were rewritten"
    )
    return Finding(Fault.REWRITTEN, first, detail, kept.source, head.size)


def _at(found: Examined, number: int, source: str) -> Finding:
    if number > found.size:
        return Finding(Fault.TRUNCATED, number, "it was there, and is gone", source)
    detail = "it is not the entry that was there"
    if found.types[number - 1] == "restore":
        detail += "; a backup from before it was restored, which this entry says"
    return Finding(Fault.REWRITTEN, number, detail, source)


def _splits(found: Examined, believed: Sequence[Evidence]) -> Iterator[Finding]:
    """Yield pairs of files that this node signed and that cannot both be true."""
    heads = [each for each in believed if each.head is not None]
    for earlier, later in pairwise(heads):
        consistent = _consistent(found, earlier, later)
        if consistent is False and earlier.head is not None:
            detail = f"it contradicts {earlier.source}, and this node signed both"
            yield Finding(Fault.SPLIT, None, detail, later.source)


def _consistent(found: Examined, earlier: Evidence, later: Evidence) -> bool | None:
    """Say whether the later tree only added to the earlier one; None where it cannot be known."""
    first, second = earlier.head, later.head
    if first is None or second is None or first.origin != second.origin:
        return None
    leaves: Sequence[bytes] = later.leaves
    if not leaves and second.size <= found.size and found.heads[second.size - 1] == second.root:
        leaves = found.leaves[: second.size]  # the record itself knows what is under that root
    if not leaves or not first.size:
        return first.root == second.root if first.size == second.size else None
    proof = merkle.consistency_proof(leaves, first.size)
    return merkle.is_consistent(first.size, second.size, proof, first.root, second.root)
