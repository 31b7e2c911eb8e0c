import copy
import inspect
import pickle
from dataclasses import is_dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection, select

from mnemosyne.accounts.model import Person
from mnemosyne.kit.crypto.multikey import decode_agreement_key, decode_multikey
from mnemosyne.kit.crypto.signing import Signer, verify
from mnemosyne.kit.derived_data import Kept
from mnemosyne.kit.vault.keyring import (
    KEYRING,
    KeyKind,
    KeyMissingError,
    Keyring,
    private_key,
)
from mnemosyne.kit.vault.phrase import parse_phrase
from tests.clock import START
from tests.requirements import requirement

RING = Keyring()
PHRASE = parse_phrase("abandon " * 23 + "art")


def private_of(tx: Connection, public: str) -> bytes:
    query = select(private_key.c.private).where(private_key.c.public == public)
    return bytes(tx.execute(query).scalar_one())


def everything_of(signer: object) -> list[object]:
    """Return all that a signer shows: public members, what they return, how it is printed."""
    shown: list[object] = [repr(signer), str(signer), vars(signer) if _open(signer) else ""]
    for name, value in inspect.getmembers(signer):
        if name.startswith("_"):
            continue
        shown += [value, value(b"message") if callable(value) else ""]
    return shown


def _open(signer: object) -> bool:
    return hasattr(signer, "__dict__")


@requirement("identity.keyring")
@pytest.mark.parametrize("kind", [KeyKind.HOT, KeyKind.SIGNING])
def test_a_key_signs_and_its_private_half_shows_nowhere(
    tx: Connection, person: Person, kind: KeyKind
) -> None:
    public = RING.generate(tx, person.id, kind, START)
    signer = RING.signer(tx, person.id, public)

    verify(decode_multikey(public), signer.sign(b"message"), b"message")
    assert signer.public == decode_multikey(public)
    _assert_closed(signer, private_of(tx, public))
    assert RING.held(tx, person.id, kind) == (public,)


@requirement("identity.keyring")
def test_the_key_of_a_phrase_is_as_closed() -> None:
    signer = PHRASE.recovery_signer(3)

    verify(PHRASE.recovery_public_key(3), signer.sign(b"message"), b"message")
    _assert_closed(signer, b"\x00" * 32)


def _assert_closed(signer: Signer, private: bytes) -> None:
    assert not is_dataclass(signer)
    for shown in everything_of(signer):
        assert private != shown
        assert private.hex() not in repr(shown)
        assert repr(private)[2:-1] not in repr(shown)
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            attempt(signer)


@requirement("identity.keyring")
def test_the_keyring_offers_no_way_to_a_private_half() -> None:
    offered = {name for name, _ in inspect.getmembers(RING) if not name.startswith("_")}

    assert offered == {"generate", "signer", "held", "forget"}


@requirement("identity.keyring")
def test_a_key_for_sealing_signs_nothing(tx: Connection, person: Person) -> None:
    public = RING.generate(tx, person.id, KeyKind.AGREEMENT, START)

    pair = X25519PrivateKey.from_private_bytes(private_of(tx, public))
    assert pair.public_key().public_bytes_raw() == decode_agreement_key(public)
    with pytest.raises(KeyMissingError):
        RING.signer(tx, person.id, public)


@requirement("identity.keyring")
def test_a_forgotten_key_signs_no_more(tx: Connection, person: Person) -> None:
    public = RING.generate(tx, person.id, KeyKind.SIGNING, START)

    assert RING.forget(tx, person.id, public)
    assert not RING.forget(tx, person.id, public)

    with pytest.raises(KeyMissingError) as missing:
        RING.signer(tx, person.id, public)
    assert missing.value.code == "key-missing"
    assert "did recover" in missing.value.hint


@requirement("identity.keyring")
def test_nobody_signs_with_the_key_of_another(
    tx: Connection, person: Person, somebody_else: Person
) -> None:
    public = RING.generate(tx, person.id, KeyKind.SIGNING, START)

    with pytest.raises(KeyMissingError):
        RING.signer(tx, somebody_else.id, public)
    assert not RING.forget(tx, somebody_else.id, public)
    assert RING.held(tx, somebody_else.id, KeyKind.SIGNING) == ()


@requirement("identity.keyring")
def test_no_archive_holds_a_private_key() -> None:
    assert [owned.kept for owned in KEYRING.tables] == [Kept.REBUILT]
