"""Signed notes and the checkpoints of transparency logs (c2sp.org/signed-note, tlog-checkpoint).

A note is a text, an empty line, and a line for each signature. A checkpoint is a note of three
lines: the origin of the log, the size of its tree, and the root hash. Only Ed25519 is used.
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.crypto.merkle import HASH_SIZE
from mnemosyne.kit.crypto.signing import BadSignatureError, Signer, fingerprint, verify
from mnemosyne.kit.errors import MnemosyneError

LARGEST_NOTE: Final = 16 * 1024
LARGEST_TREE: Final = 2**53 - 1
_MOST_SIGNATURES: Final = 16
_ED25519: Final = b"\x01"
_KEY_ID: Final = 4
_SIGNATURE: Final = 64
_NAME: Final = re.compile(r"[^\s+\x00-\x1f\x7f]{1,256}")
_LINE: Final = re.compile(r"— ([^\s+]{1,256}) ([A-Za-z0-9+/]+={0,2})")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class MalformedNoteError(MnemosyneError):
    """A text is no signed note, or no checkpoint."""

    code = "malformed-note"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "this is not a signed checkpoint",
            why=f"{reason}.",
            hint="Take the file as it was written, without changing it.",
        )
        self.reason = reason


class UnknownSignerError(MnemosyneError):
    """A note is whole, and none of the expected keys signed it."""

    code = "unknown-signer"

    def __init__(self, expected: Iterable[bytes]) -> None:
        known = " or ".join(fingerprint(each) for each in expected)
        super().__init__(
            "none of the expected keys signed this checkpoint",
            why="It was made by another node, or somebody made it up.",
            hint=f"The key of this node has the fingerprint {known}.",
        )


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log at one size."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


def sign_note(text: str, name: str, signer: Signer) -> str:
    """Return ``text`` as a note that ``signer`` signed under the key name ``name``.

    Raises:
        ValueError: the text does not end in a newline, or the name cannot be one.
    """
    if not _NAME.fullmatch(name) or not text.endswith("\n") or _CONTROL.search(text):
        raise ValueError("neither this text nor this name can stand in a note")
    signature = key_id(name, signer.public) + signer.sign(text.encode("utf-8"))
    return f"{text}\n— {name} {_base64(signature)}\n"


def open_note(note: str, name: str, keys: Iterable[bytes]) -> tuple[str, bytes]:
    """Return the text of ``note`` and which of ``keys``, all of that name, signed it.

    Signatures of other names and keys are passed over, as the format asks.

    Raises:
        MalformedNoteError: it is no note.
        BadSignatureError: a line names one of the keys, and its signature does not hold.
        UnknownSignerError: no line names any of them.
    """
    text, lines = _parts(note)
    expected = {key_id(name, key): key for key in keys}
    signer: bytes | None = None
    for named, data in lines:
        key = expected.get(data[:_KEY_ID]) if named == name else None
        if key is None:
            continue
        if len(data) != _KEY_ID + _SIGNATURE:
            raise BadSignatureError(key)
        verify(key, data[_KEY_ID:], text.encode("utf-8"))
        signer = signer or key
    if signer is None:
        raise UnknownSignerError(expected.values())
    return text, signer


def text_of(note: str) -> str:
    """Return the text of a note whose signatures nobody has checked.

    Raises:
        MalformedNoteError: it is no note.
    """
    return _parts(note)[0]


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note as a checkpoint; lines after the third are passed over.

    Raises:
        MalformedNoteError: it is none.
    """
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):  # noqa: PLR2004 - origin, size, root
        raise MalformedNoteError("It does not have the three lines of a checkpoint")
    if not _SIZE.fullmatch(lines[1]) or int(lines[1]) > LARGEST_TREE:
        raise MalformedNoteError("Its second line is not the size of a tree")
    root = _decoded(lines[2])
    if len(root) != HASH_SIZE:
        raise MalformedNoteError("Its third line is not the root of a tree")
    return Checkpoint(lines[0], int(lines[1]), root)


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes by which a signature line names its key."""
    return sha256(name.encode("utf-8") + b"\n" + _ED25519 + public)[:_KEY_ID]


def _parts(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    if len(note) > LARGEST_NOTE:
        raise MalformedNoteError("It is longer than a checkpoint can be")
    if _CONTROL.search(note) or not note.endswith("\n"):
        raise MalformedNoteError("It holds a control character, or its last line has no end")
    text, empty, signatures = note.rpartition("\n\n")
    lines = signatures.removesuffix("\n").split("\n")
    if not text or not empty or len(lines) > _MOST_SIGNATURES:
        raise MalformedNoteError("It is not a text, an empty line and signatures")
    return f"{text}\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise MalformedNoteError("A line below the text is no signature")
    return found[1], _decoded(found[2])


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise MalformedNoteError("A part of it is not base64") from error
    if _base64(data) != text:  # bits that no byte uses: one value has one spelling
        raise MalformedNoteError("A part of it is base64 in another spelling")
    return data


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
