import base64
from typing import Final

import pytest

from mnemosyne.kit.crypto.signed_note import (
    Checkpoint,
    MalformedNoteError,
    UnknownSignerError,
    key_id,
    open_note,
    parse_checkpoint,
    sign_note,
    text_of,
)
from mnemosyne.kit.crypto.signing import BadSignatureError, SigningKey
from tests.requirements import requirement

# The note and the key of the example in Go's golang.org/x/mod/sumdb/note (BSD-3-Clause).
NAME: Final = "PeterNeumann"
VERIFIER: Final = "c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE: Final = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
    "pRZb6KE6RyyBwJnAM=\n"
)
KEY: Final = SigningKey(bytes(range(32)))
HEAD: Final = Checkpoint("example.org/record", 11, bytes(range(32)))


@requirement("audit.checkpoint")
def test_a_published_note_opens_with_its_key() -> None:
    stated_id, _, encoded = VERIFIER.partition("+")
    public = base64.b64decode(encoded)[1:]

    assert key_id(NAME, public).hex() == stated_id
    text, signer = open_note(NOTE, NAME, [KEY.public, public])
    assert (text, signer) == (NOTE.partition("\n\n")[0] + "\n", public)


@requirement("audit.checkpoint")
def test_a_checkpoint_is_three_lines_and_a_signature() -> None:
    note = sign_note(HEAD.text(), HEAD.origin, KEY)

    lines = note.split("\n")
    assert lines[:2] == ["example.org/record", "11"]
    assert base64.b64decode(lines[2]) == HEAD.root
    assert lines[3] == lines[5] == ""
    assert lines[4].startswith("— example.org/record ")
    assert parse_checkpoint(open_note(note, HEAD.origin, [KEY.public])[0]) == HEAD


def test_a_note_of_several_signatures_opens_with_any_of_them() -> None:
    other = SigningKey.generate()
    note = sign_note(HEAD.text(), HEAD.origin, KEY)
    note += sign_note(HEAD.text(), "witness.example/1", other).partition("\n\n")[2]

    assert open_note(note, HEAD.origin, [KEY.public])[1] == KEY.public
    assert open_note(note, "witness.example/1", [other.public])[1] == other.public


def test_a_signature_of_another_name_or_key_does_not_count() -> None:
    note = sign_note(HEAD.text(), HEAD.origin, KEY)

    with pytest.raises(UnknownSignerError):
        open_note(note, HEAD.origin, [SigningKey.generate().public])
    with pytest.raises(UnknownSignerError) as refused:
        open_note(note, "example.org/other", [KEY.public])
    assert refused.value.code == "unknown-signer"
    assert refused.value.why
    assert refused.value.hint


@requirement("audit.checkpoint")
def test_every_changed_byte_of_a_checkpoint_is_found() -> None:
    note = sign_note(HEAD.text(), HEAD.origin, KEY).encode()

    for place in range(len(note)):
        changed = bytearray(note)
        changed[place] ^= 1
        with pytest.raises(
            (MalformedNoteError, UnknownSignerError, BadSignatureError, UnicodeDecodeError)
        ):
            open_note(changed.decode(), HEAD.origin, [KEY.public])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        "text\n\n— name\n",
        "text\n\n— name !!!!\n",
        "text\n\n— na+me AAAA\n",
        "text\n\n- name AAAA\n",
        "text\n\n— name AAAB=\n",
        "text\n\n— name AAB=\n",
        "te\rxt\n\n— name AAAA\n",
        "text\n\n— name AAAA",
        "t" * 20_000 + "\n\n— name AAAA\n",
        "text\n\n" + "— name AAAA\n" * 17,
    ],
)
def test_what_is_no_note_is_refused_with_advice(note: str) -> None:
    with pytest.raises(MalformedNoteError) as refused:
        text_of(note)

    assert refused.value.code == "malformed-note"
    assert refused.value.why
    assert refused.value.hint


@pytest.mark.parametrize(
    ("size", "root"),
    [("-1", None), ("01", None), ("1e3", None), (str(2**53), None), ("", None), ("4", "AAAA")],
)
def test_what_is_no_checkpoint_is_refused(size: str, root: str | None) -> None:
    encoded = root or base64.b64encode(HEAD.root).decode()

    with pytest.raises(MalformedNoteError):
        parse_checkpoint(f"{HEAD.origin}\n{size}\n{encoded}\n")
    with pytest.raises(MalformedNoteError):
        parse_checkpoint(f"{HEAD.origin}\n3\n")
    assert parse_checkpoint(HEAD.text() + "an extension\n") == HEAD


def test_a_short_signature_of_a_known_key_is_refused() -> None:
    short = base64.b64encode(key_id("name", KEY.public) + bytes(3)).decode()

    with pytest.raises(BadSignatureError):
        open_note(f"text\n\n— name {short}\n", "name", [KEY.public])


def test_no_note_is_made_that_could_not_be_read() -> None:
    for text, name in (("text\n", "two words"), ("text\n", "a+b"), ("text", "a"), ("a\rb\n", "a")):
        with pytest.raises(ValueError, match="note"):
            sign_note(text, name, KEY)
