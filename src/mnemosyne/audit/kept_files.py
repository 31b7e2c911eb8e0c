"""Read what was kept outside of a vault: checkpoints, bare notes, receipts, exported records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mnemosyne.audit import checkpoints, export, receipt
from mnemosyne.audit.evidence import Evidence, of_note
from mnemosyne.kit import strict_json
from mnemosyne.kit.crypto.merkle import leaf_hash
from mnemosyne.kit.crypto.signed_note import MalformedNoteError
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.strict_json import StrictJsonError

LARGEST: Final = 256 * 1024 * 1024
"""Bytes of a file: an exported record of some hundred thousand entries."""


class UnreadableEvidenceError(MnemosyneError):
    """A file is nothing that a record can be compared with."""

    code = "unreadable-evidence"

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(
            f"{source} is neither a checkpoint, a receipt nor an exported record",
            why=f"{reason}.",
            hint="`mnemosyne audit checkpoint FILE` makes what can be compared later.",
        )
        self.source = source
        self.reason = reason


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was kept, by the name under which a finding mentions it."""

    source: str
    content: bytes


def read(file: KeptFile, keys: Sequence[bytes]) -> list[Evidence]:
    """Return what a file says about a record, believed as far as one of ``keys`` signed it.

    Raises:
        UnreadableEvidenceError: it is nothing of the kind.
    """
    try:
        return list(_read(file, keys))
    except (StrictJsonError, MalformedNoteError) as error:
        raise UnreadableEvidenceError(file.source, error.why.removesuffix(".")) from error
    except (receipt.MalformedReceiptError, ValueError, KeyError, TypeError) as error:
        reason = "A part of it is missing or of another form"
        raise UnreadableEvidenceError(file.source, reason) from error


def _read(file: KeptFile, keys: Sequence[bytes]) -> Iterator[Evidence]:
    if not file.content.lstrip().startswith(b"{"):
        yield of_note(file.source, file.content.decode("utf-8"), keys)
        return
    first, _, rest = file.content.partition(b"\n")
    if rest.strip() and first.rstrip().endswith(b"}"):
        note, entries = export.parts_of(file.content)
        yield of_note(file.source, note, keys, [leaf_hash(entry) for entry in entries])
        return
    document = strict_json.parse(file.content, largest=LARGEST)
    if not isinstance(document, dict):
        raise TypeError("a checkpoint or a receipt is an object")
    if document.get("format") == checkpoints.FORMAT:
        note, leaves = checkpoints.parts_of(document)
        yield of_note(file.source, note, keys, leaves)
    else:
        yield _of_receipt(file.source, document, keys)


def _of_receipt(source: str, document: Mapping[str, Any], keys: Sequence[bytes]) -> Evidence:
    """Return a receipt as evidence of one entry, and of the checkpoint in it."""
    checked = receipt.check(document)
    entries = {checked.seq: checked.canonical}
    problem = "" if checked.key in keys else "none of the keys of this vault signed it"
    if checked.note is None:
        return Evidence(source, None, entries=entries, problem=problem)
    noted = of_note(source, checked.note, keys)
    return Evidence(source, noted.head, entries=entries, problem=problem or noted.problem)
