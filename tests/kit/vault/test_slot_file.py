"""Whatever is done to the slot file is found when the vault is opened."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.digests import sha256
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.passphrase import Passphrase
from mnemosyne.kit.vault.phrase import parse_phrase
from mnemosyne.kit.vault.slot_errors import SlotsAlteredError, SlotsDamagedError, WrongKeyError
from mnemosyne.kit.vault.slots import KeySlots
from tests.clock import START
from tests.kit.vault.conftest import FAST
from tests.requirements import requirement

PASSPHRASE = Passphrase("plum tractor envelope")
KEY = KeyFile(bytes(range(32)))
PHRASE = parse_phrase("abandon " * 23 + "art")

Table = dict[str, Any]


@pytest.fixture(scope="module")
def slots(tmp_path_factory: pytest.TempPathFactory) -> KeySlots:
    home = VaultHome(tmp_path_factory.mktemp("vaults") / "vault")
    home.create()
    made = KeySlots(home)
    made.create([PASSPHRASE, KEY, PHRASE], at=START, argon2=FAST)
    return made


@pytest.fixture(scope="module")
def genuine(slots: KeySlots) -> bytes:
    return slots.home.slots.read_bytes()


def altered(genuine: bytes, change: Callable[[Table], None]) -> bytes:
    """Change the table as someone would who knows the form and corrects the checksum."""
    file = json.loads(genuine)
    change(file["table"])
    file["checksum"] = sha256(canonical_json(file["table"])).hex()
    return json.dumps(file).encode()


def drop_passphrase(table: Table) -> None:
    del table["slots"][0]


def add_one_more(table: Table) -> None:
    table["slots"].append({**table["slots"][1], "id": "0" * 32})


def swap(table: Table) -> None:
    table["slots"].reverse()


def change_identifier(table: Table) -> None:
    table["slots"][0]["id"] = "0" * 32


def change_date(table: Table) -> None:
    table["slots"][1]["created_at"] = "2020-01-01T00:00:00Z"


def cheapen(table: Table) -> None:
    table["slots"][0]["argon2"]["memory_kib"] = 8


def change_wrapped_key(table: Table) -> None:
    table["slots"][0]["wrapped"] = "00" * 48


def change_scope(table: Table) -> None:
    table["scope"] = "backup"


@requirement("vault.slots.authenticated")
@pytest.mark.parametrize(
    "change",
    [
        drop_passphrase,
        add_one_more,
        swap,
        change_identifier,
        change_date,
        cheapen,
        change_wrapped_key,
        change_scope,
    ],
)
def test_a_forged_change_is_found_by_every_other_way_in(
    slots: KeySlots, genuine: bytes, change: Callable[[Table], None]
) -> None:
    slots.home.slots.write_bytes(altered(genuine, change))

    with pytest.raises(SlotsAlteredError) as refused:
        slots.unlock(PHRASE)

    assert refused.value.code == "slots-altered"


@requirement("vault.slots.authenticated")
@pytest.mark.parametrize("change", [change_identifier, cheapen, change_wrapped_key])
def test_a_forged_slot_does_not_open_by_itself(
    slots: KeySlots, genuine: bytes, change: Callable[[Table], None]
) -> None:
    slots.home.slots.write_bytes(altered(genuine, change))

    with pytest.raises(WrongKeyError):
        slots.unlock(PASSPHRASE)


@requirement("vault.slots.authenticated")
@given(data=st.data())
def test_a_changed_byte_changes_nothing_or_is_found(
    slots: KeySlots, genuine: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(genuine) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != genuine[at]))
    slots.home.slots.write_bytes(genuine[:at] + bytes([byte]) + genuine[at + 1 :])
    try:
        found = slots.unlock(PHRASE)
    except (SlotsDamagedError, SlotsAlteredError):
        return
    # White space, or a digit in upper case: the values are as they were.
    slots.home.slots.write_bytes(genuine)
    assert found == slots.unlock(PHRASE)


@requirement("vault.slots.authenticated")
@given(data=st.data())
def test_a_file_that_was_cut_short_is_damaged(
    slots: KeySlots, genuine: bytes, data: st.DataObject
) -> None:
    whole = len(genuine.rstrip())
    slots.home.slots.write_bytes(genuine[: data.draw(st.integers(0, whole - 1))])

    with pytest.raises(SlotsDamagedError) as refused:
        slots.unlock(PHRASE)

    assert refused.value.code == "slots-damaged"


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_slots_or_one_of_our_errors(slots: KeySlots, content: bytes) -> None:
    slots.home.slots.write_bytes(content)

    with pytest.raises(MnemosyneError):
        slots.list()


@pytest.mark.parametrize(
    "content",
    [b"[" * 60_000, b" " * 100_000, b'{"table": ' * 5_000, b"null", b"1e999"],
    ids=["deep", "large", "deep objects", "null", "huge number"],
)
def test_hostile_json_is_damage(slots: KeySlots, content: bytes) -> None:
    slots.home.slots.write_bytes(content)

    with pytest.raises(SlotsDamagedError):
        slots.list()


def exhaust(table: Table) -> None:
    table["slots"][0]["argon2"]["memory_kib"] = 2**40


def forget_all(table: Table) -> None:
    table["slots"] = []


def multiply(table: Table) -> None:
    table["slots"] *= 10


def invent(table: Table) -> None:
    table["slots"][0]["kind"] = "password-hint"


def add_member(table: Table) -> None:
    table["comment"] = "hello"


@pytest.mark.parametrize("change", [exhaust, forget_all, multiply, invent, add_member])
def test_what_no_vault_writes_is_damage_before_any_key_is_derived(
    slots: KeySlots, genuine: bytes, change: Callable[[Table], None]
) -> None:
    slots.home.slots.write_bytes(altered(genuine, change))

    with pytest.raises(SlotsDamagedError):
        slots.unlock(PASSPHRASE)


def test_the_file_holds_no_key_in_the_clear(slots: KeySlots, genuine: bytes) -> None:
    slots.home.slots.write_bytes(genuine)
    root = slots.unlock(KEY)

    for secret in (root.material, root.database_key(), KEY.material):
        assert secret not in genuine
        assert secret.hex().encode() not in genuine
    assert b"plum" not in genuine
    assert b"abandon" not in genuine
