"""Identity cards: the log of a DID in one document, as a file or as frames for QR codes.

A card proves itself: whoever reads it checks the log against the DID. What stands beside the log, a
name and the address of a node, is a suggestion of whoever made the card and proves nothing.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from mnemosyne.identity.entry import Entry, parse_entry
from mnemosyne.identity.log import LARGEST_FILE, MOST_LINES
from mnemosyne.identity.parameters import MOST_KEYS
from mnemosyne.identity.syntax import require_did
from mnemosyne.identity.web_urls import is_web_address, too_long
from mnemosyne.identity.witnesses import check_receipt
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.strict_json import StrictJsonError, parse

FORMAT: Final = "mnemosyne-card/1"
LARGEST: Final = LARGEST_FILE + 64 * 1024
"""Bytes of a card: the largest log, and room for the rest."""
LONGEST_NAME: Final = 128
LONGEST_HINT: Final = 2048

# A symbol of version 13 with 69 × 69 modules: with its border it fits a terminal of 80 columns.
TERMINAL_FRAME: Final = 600
# Version 27 at the lowest correction: what a phone still reads from a screen or from paper.
IMAGE_FRAME: Final = 2_000

_DEEPEST: Final = 18  # an entry may be 16 deep, and lies in a list in a card
_FRAME: Final = re.compile(r"MNEM1:([0-9]{1,5})/([0-9]{1,5}):([A-Z2-7]+)")
_PREFIX: Final = "MNEM1"
_MOST_FRAMES: Final = 20_000
_PICTURES: Final = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"%PDF")
_DRAWING: Final = re.compile(rb"\s*(?:<\?xml|<svg)")
_WRONG_FILE: Final = "Is it the right file? `mnemosyne did card > FILE` writes one."
_MEMBERS: Final = frozenset({"format", "did", "log", "receipts", "name", "hint"})
_REQUIRED: Final = frozenset({"format", "did", "log", "receipts"})


class CardError(MnemosyneError):
    """Something is no identity card, or not a whole one."""

    code = "bad-card"

    def __init__(self, detail: str, hint: str = "") -> None:
        super().__init__(
            "this is not a whole identity card",
            why=f"{detail}.",
            hint=hint or "Ask for the card again and take the file or the codes as they are.",
        )
        self.detail = detail


class CardTextError(MnemosyneError):
    """What was to be written on one's own card would be refused by whoever reads it."""

    code = "card-text"

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(
            f"no card can have that {what}",
            why=f"{detail}.",
            hint="Write it again, or leave it out: a card is whole without it.",
        )
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Card:
    """A DID with its log. ``name`` and ``hint`` are what the maker suggests; empty means none."""

    did: str
    entries: tuple[Entry, ...]
    receipts: tuple[Mapping[str, Any], ...] = ()
    name: str = ""
    hint: str = ""


def encode(card: Card) -> bytes:
    """Return a card as JSON of one line."""
    return canonical_json(document(card)) + b"\n"


def document(card: Card) -> dict[str, object]:
    """Return a card as JSON values."""
    shown: dict[str, object] = {
        "format": FORMAT,
        "did": card.did,
        "log": [json.loads(entry.line) for entry in card.entries],
        "receipts": [dict(each) for each in card.receipts],
    }
    if card.name:
        shown["name"] = card.name
    if card.hint:
        shown["hint"] = card.hint
    return shown


def decode(content: bytes) -> Card:
    """Return the card that ``content`` is: JSON, or the frames of its codes in any order.

    Only the form is checked here, and each entry for itself; the log as a whole is evaluated
    against the DID by whoever takes the card.

    Raises:
        CardError: it is no card, or a part is missing.
        LogError: an entry is none, or a receipt.
        InvalidDidError: the DID is misspelt.
    """
    _require_text(content)
    stripped = content.lstrip()
    if stripped[: len(_PREFIX)].upper() == _PREFIX.encode("ascii"):
        content = _from_frames(content)
    try:
        found = parse(content, largest=LARGEST, deepest=_DEEPEST)
    except StrictJsonError as error:
        raise CardError(f"It is not JSON as a card is: {error.reason}", _WRONG_FILE) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise CardError(f"Its format is not {FORMAT}", _WRONG_FILE)
    return _read(found)


def frames(card: Card, most: int) -> tuple[str, ...]:
    """Return a card as texts of at most ``most`` characters, one for each code.

    They use digits, capital letters and “:/” alone, which QR codes hold in five and a half bits a
    character and which survive being copied: no spaces, and no letter that case could change.
    """
    packed = base64.b32encode(zlib.compress(encode(card).rstrip(b"\n"), 9)).decode("ascii")
    text = packed.rstrip("=")
    room = most - len(f"{_PREFIX}:00000/00000:")
    parts = [text[start : start + room] for start in range(0, len(text), room)]
    return tuple(f"{_PREFIX}:{n}/{len(parts)}:{part}" for n, part in enumerate(parts, 1))


def _require_text(content: bytes) -> None:
    """Refuse what is not text at all, in words for whoever took the wrong file.

    Raises:
        CardError: it is a picture, or something else.
    """
    if content.startswith(_PICTURES) or _DRAWING.match(content):
        raise CardError(
            "It is a picture",
            "Read its codes with a phone or a scanner; what they say goes to `mnemosyne people "
            "add-card -`.",
        )
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CardError("It is no text, and a card is", _WRONG_FILE) from error


def _from_frames(content: bytes) -> bytes:
    if len(content) > 2 * LARGEST:
        raise CardError("It is larger than a card can be")
    found: dict[int, str] = {}
    total = 0
    for word in content.decode("ascii", "replace").upper().split():
        frame = _FRAME.fullmatch(word)
        if frame is None:
            raise CardError(f"“{word[:20]}” is not the text of one of its codes")
        number, of = int(frame[1]), int(frame[2])
        if not 1 <= number <= of <= _MOST_FRAMES or total not in {0, of}:
            raise CardError("The codes are of different cards")
        total = of
        if found.setdefault(number, frame[3]) != frame[3]:
            raise CardError(f"Code {number} came twice and says different things")
    if missing := [n for n in range(1, total + 1) if n not in found]:
        listed = ", ".join(map(str, missing[:10]))
        raise CardError(
            f"Of its {total} codes these are missing: {listed}", "Read those codes too."
        )
    return _unpacked("".join(found[n] for n in range(1, total + 1)))


def _unpacked(text: str) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        packed = base64.b32decode(text + "=" * (-len(text) % 8))
        content = unpacker.decompress(packed, LARGEST + 1)
    except (binascii.Error, zlib.error) as error:
        raise CardError("The codes do not belong together, or one was misread") from error
    if len(content) > LARGEST or unpacker.unconsumed_tail:
        raise CardError("It unpacks to more than a card can be")
    if not unpacker.eof or unpacker.unused_data:
        raise CardError("The codes do not belong together, or one was misread")
    return content


def _read(shown: Mapping[str, Any]) -> Card:
    if strange := sorted(set(shown) - _MEMBERS):
        raise CardError(f"It has a part that no card has: {strange[0][:40]}")
    if missing := sorted(_REQUIRED - set(shown)):
        raise CardError(f"It lacks its “{missing[0]}”")
    log, receipts = shown["log"], shown["receipts"]
    if isinstance(log, list) and len(log) > MOST_LINES:  # each costs a signature to check
        raise CardError(f"Its log has more than {MOST_LINES:,} entries")
    if not isinstance(log, list) or not isinstance(receipts, list) or not log:
        raise CardError("Its log is not a list of entries")
    if not all(isinstance(each, dict) for each in (*log, *receipts)):
        raise CardError("Its log is not a list of entries")
    if len(receipts) > MOST_KEYS * len(log):
        raise CardError("It has more receipts than its entries can have witnesses")
    for receipt in receipts:
        check_receipt(receipt)
    return Card(
        did=require_did(shown["did"] if isinstance(shown["did"], str) else ""),
        entries=tuple(parse_entry(canonical_json(each)) for each in log),
        receipts=tuple(receipts),
        name=_text(shown, "name"),
        hint=_text(shown, "hint"),
    )


def with_texts(card: Card, name: str | None, hint: str | None) -> Card:
    """Return one's own card with a name and the address of a node; None leaves either out.

    Raises:
        CardTextError: whoever reads the card would refuse it, or the text is empty.
    """
    for what, text in (("name", name), ("hint", hint)):
        if text is not None and (detail := _fault(what, text.strip()) or _empty(text)):
            raise CardTextError(what, f"The {what} {detail}")
    return replace(card, name=(name or "").strip(), hint=(hint or "").strip())


def _text(shown: Mapping[str, Any], member: str) -> str:
    value = shown.get(member, "")
    if detail := _fault(member, value):
        raise CardError(f"Its “{member}” {detail}")
    return str(value)


def _empty(text: str) -> str:
    return "" if text.strip() else "is empty"


def _fault(member: str, value: object) -> str:
    """Return why a card cannot have this name or hint; nothing where it can."""
    longest = LONGEST_HINT if member == "hint" else LONGEST_NAME
    if not isinstance(value, str) or len(value) > longest:
        return f"is no text of up to {longest:,} characters"
    if not value.isprintable():  # a turned or coloured name would look like another one
        return "holds characters that do not show"
    if member == "hint" and value and (too_long(value) or not is_web_address(value)):
        return "is not the address of a node: an https URL, or http on this machine"
    return ""


def codes(texts: Sequence[str]) -> list[Any]:
    """Return the QR code of each frame, at the lowest correction: a screen has no stains."""
    import segno  # noqa: PLC0415 - for cards that are shown as codes alone

    return [segno.make_qr(text, error="l", boost_error=False) for text in texts]
