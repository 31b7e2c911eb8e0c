"""The method specification says what the code does: its examples hold, and it names every rule."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from mnemosyne.identity import cards, document, entry, log, parameters, rules, syntax, witnesses
from mnemosyne.identity.cards import Card
from mnemosyne.identity.errors import LogCode
from mnemosyne.identity.log import History, evaluate, read_log
from mnemosyne.identity.resolution import Resolved, Resolver
from mnemosyne.identity.resolving_errors import ErrorType
from tests.house.tree import ROOT
from tests.requirements import requirement

PAGE: Final = (ROOT / "docs" / "did-mnem.md").read_text("utf-8")
NOW: Final = datetime(2026, 11, 25, tzinfo=UTC)
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """Return the blocks of the page in ``language``."""
    return [found[2] for found in _BLOCK.finditer(PAGE) if found[1] == language]


def example(*members: str) -> dict[str, Any]:
    """Return the one JSON example of the page that has ``members``."""
    found = [json.loads(block) for block in blocks("json")]
    wanted: dict[str, Any]
    (wanted,) = [each for each in found if set(members) <= each.keys()]
    return wanted


def text(beginning: str) -> str:
    """Return the one text example of the page that begins so."""
    (wanted,) = [block for block in blocks("text") if block.startswith(beginning)]
    return wanted


def history() -> History:
    """Return what the log of the page says."""
    entries = read_log(blocks("jsonl")[0].encode())
    return evaluate(str(entries[0].did), entries, NOW)


def multihash(data: bytes) -> str:
    """Return the mh of the page, made without the code that it describes."""
    digest = b"\x12\x20" + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(digest).decode().lower().rstrip("=")


def canonical(value: object) -> bytes:
    """Return the JCS of a value that has only ASCII and whole numbers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def genesis() -> dict[str, Any]:
    """Return the genesis that the page lays out."""
    return example("versionId", "state")


@requirement("identity.method-document")
def test_the_log_of_the_page_holds_and_its_recovery_beats_the_thief() -> None:
    found = history()

    assert [each.type for each in found.path] == ["create", "update", "recover"]
    assert [each.type for each in found.nullified] == ["update"]
    assert (found.epoch, found.equivocation, found.deactivated) == (1, False, False)


def test_the_table_of_the_log_says_how_each_entry_stands() -> None:
    found = history()
    rows = re.findall(
        r"^\| ([1-4]) \| `(.+?)…` \|.*\| (in force|nullified) \|$", PAGE, re.MULTILINE
    )

    assert rows == [
        (str(number), each.version_id[:14], "in force" if each in found.path else "nullified")
        for number, each in enumerate(found.entries, start=1)
    ]


def test_the_genesis_of_the_page_is_that_of_its_log() -> None:
    assert canonical(genesis()) == history().path[0].line
    assert f"it has {len(canonical(genesis())):,} bytes" in PAGE


@requirement("identity.method-document")
def test_the_hash_is_computed_as_the_page_says() -> None:
    value = genesis()
    (hashed,) = [each for each in blocks("text") if '"scid"' in each]
    without = {name: value[name] for name in value if name not in {"versionId", "proof"}}

    assert hashed.encode() == canonical(without)
    assert value["versionId"] == f"1-{multihash(hashed.encode())}"


@requirement("identity.method-document")
def test_the_scid_is_computed_as_the_page_says() -> None:
    value = genesis()
    (hashed,) = [block for block in blocks("text") if "{SCID}" in block]
    scid = value["parameters"]["scid"]
    without = {name: value[name] for name in value if name not in {"versionId", "proof"}}
    without["parameters"] = {k: v for k, v in value["parameters"].items() if k != "scid"}

    assert hashed.encode() == canonical(without).replace(scid.encode(), b"{SCID}")
    assert scid == multihash(hashed.encode())
    assert hashlib.sha256(hashed.encode()).hexdigest() in blocks("text")


@requirement("identity.method-document")
def test_the_bytes_that_are_signed_are_those_of_the_page() -> None:
    value = genesis()
    (proof,) = value.pop("proof")
    signature = proof.pop("proofValue")
    lines = text("SHA-256 of the proof").splitlines()

    assert lines[1] == hashlib.sha256(canonical(proof)).hexdigest()
    assert lines[3] == hashlib.sha256(canonical(value)).hexdigest()
    assert len(bytes.fromhex(lines[5])) == 64
    assert signature.startswith("z")


def test_the_document_of_the_page_is_that_of_the_second_entry() -> None:
    assert example("@context", "id") == history().path[1].state


@requirement("identity.method-document")
async def test_the_result_of_the_page_is_what_the_resolver_gives() -> None:
    known = history()

    async def find(_did: str) -> History:
        return known

    found = await Resolver(find, lambda: NOW).resolve(known.did)

    assert isinstance(found, Resolved)
    shown = example("didDocument")
    assert shown["didDocument"] == found.document
    assert shown["didDocumentMetadata"] == found.metadata


@requirement("identity.method-document")
def test_the_card_of_the_page_resolves_and_its_frames_are_the_card() -> None:
    (line,) = [block for block in blocks("json") if block.startswith('{"did"') and "hint" in block]
    card = cards.decode(line.encode())
    frames = text("MNEM1:")

    assert card == Card(history().did, history().path[:1], (), "Ada", "https://node.example")
    assert cards.decode(frames.encode()) == card
    assert tuple(frames.splitlines()) == cards.frames(card, cards.TERMINAL_FRAME)


@requirement("identity.method-document")
@pytest.mark.parametrize("code", LogCode)
def test_every_code_is_in_the_table_and_in_a_rule(code: LogCode) -> None:
    assert PAGE.count(f"`{code}`") >= 2


@requirement("identity.method-document")
@pytest.mark.parametrize("kind", ErrorType)
def test_every_error_of_resolution_is_named(kind: ErrorType) -> None:
    assert re.search(rf"\b{kind}\b", PAGE)


@requirement("identity.method-document")
@pytest.mark.parametrize(
    "limit",
    [
        entry.LARGEST_ENTRY,
        entry.DEEPEST,
        log.MOST_ENTRIES,
        log.LARGEST_LOG,
        log.MOST_LINES,
        log.LARGEST_FILE,
        parameters.MOST_KEYS,
        parameters.LONGEST_TTL,
        document.MOST_METHODS,
        document.MOST_SERVICES,
        document.MOST_NAMES,
        document.LONGEST_TYPE,
        syntax.LONGEST_URL,
        int(rules.FUTURE.total_seconds()),
        witnesses.MOST_RECEIPTS,
        witnesses.LARGEST_RECEIPTS,
    ],
)
def test_every_limit_is_in_the_table(limit: int) -> None:
    assert re.search(rf"^\| .* \| {limit:,} \|$", PAGE, re.MULTILINE)


def test_the_limits_of_a_card_are_named() -> None:
    assert f"`{cards.FORMAT}`" in PAGE
    assert f"up to {cards.LONGEST_NAME:,} characters" in PAGE
    assert f"up to {syntax.LONGEST_URL:,} bytes" in PAGE


def test_the_receipt_of_the_page_holds() -> None:
    receipt = witnesses.check_receipt(example("did", "versionId", "proof"))

    assert (receipt.did, receipt.version_id) == (
        history().did,
        history().path[1].version_id,
    )


def test_every_module_that_the_page_names_is_there() -> None:
    named = re.findall(r"`((?:identity|kit|api)/[\w/]*(?:\.py)?)`", PAGE)

    assert named
    assert [each for each in named if not (ROOT / "src" / "mnemosyne" / each).exists()] == []
