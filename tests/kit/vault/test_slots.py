"""Each way in opens the vault alone, a wrong one gets one clear answer, no change loses one."""

from pathlib import Path

import pytest

from mnemosyne.kit.database import Database
from mnemosyne.kit.database.connections import create_file
from mnemosyne.kit.vault import identity
from mnemosyne.kit.vault.home import VaultExistsError, VaultHome
from mnemosyne.kit.vault.identity import vault
from mnemosyne.kit.vault.key_file import KeyFile, KeyFileRules, create_key_file, read_key_file
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase, WeakPassphraseError
from mnemosyne.kit.vault.phrase import generate_phrase, parse_phrase
from mnemosyne.kit.vault.root_key import RootKey
from mnemosyne.kit.vault.slot_errors import (
    LastSlotError,
    NoPortableSlotError,
    SlotMissingError,
    SlotsAlteredError,
    SlotsDamagedError,
    SlotTakenError,
    WrongKeyError,
)
from mnemosyne.kit.vault.slot_file import PassphraseSlot
from mnemosyne.kit.vault.slot_wrapping import Secret
from mnemosyne.kit.vault.slots import KeySlots, open_portable_slots
from tests.clock import START
from tests.requirements import requirement

PASSPHRASE = Passphrase("plum tractor envelope")
OTHER_PASSPHRASE = Passphrase("seventeen quiet lanterns")
KEY = KeyFile(bytes(range(32)))
PHRASE = parse_phrase("abandon " * 23 + "art")


@pytest.fixture
def slots(home: VaultHome) -> KeySlots:
    return KeySlots(home)


@pytest.fixture
def root(slots: KeySlots, fast: Argon2Parameters) -> RootKey:
    """Return the root key of a vault that opens with each of the three."""
    return slots.create([PASSPHRASE, KEY, PHRASE], at=START, argon2=fast)


@requirement("vault.slots.passphrase")
def test_the_passphrase_alone_opens_the_vault(slots: KeySlots, fast: Argon2Parameters) -> None:
    made = slots.create([PASSPHRASE], at=START, argon2=fast)

    assert slots.unlock(PASSPHRASE) == made


@requirement("vault.slots.passphrase")
def test_at_set_up_the_cost_is_calibrated_and_kept_in_the_slot(slots: KeySlots) -> None:
    made = slots.create([PASSPHRASE], at=START)

    (slot,) = slots.list()
    assert isinstance(slot, PassphraseSlot)
    assert slot.argon2.memory_kib == 65_536
    assert slot.argon2.passes >= 3
    assert slot.argon2.lanes == 4
    assert slots.unlock(PASSPHRASE) == made


@requirement("vault.slots.key-file")
def test_the_key_file_alone_opens_the_vault(
    slots: KeySlots, home: VaultHome, tmp_path: Path
) -> None:
    rules = KeyFileRules(home.path)

    made = slots.create([create_key_file(tmp_path / "key", rules)], at=START)

    assert slots.unlock(read_key_file(tmp_path / "key", rules)) == made


@requirement("vault.slots.phrase")
def test_the_phrase_alone_opens_the_vault(slots: KeySlots) -> None:
    phrase = generate_phrase()

    made = slots.create([phrase], at=START)

    assert slots.unlock(parse_phrase(" ".join(phrase.words))) == made


def test_each_of_three_ways_opens_the_same_vault(slots: KeySlots, root: RootKey) -> None:
    assert [slots.unlock(secret) for secret in (PASSPHRASE, KEY, PHRASE)] == [root] * 3
    assert [slot.kind for slot in slots.list()] == ["passphrase", "key-file", "phrase"]


def test_two_vaults_share_nothing(slots: KeySlots, root: RootKey, tmp_path: Path) -> None:
    other = VaultHome(tmp_path / "other")
    other.create()

    assert KeySlots(other).create([KEY], at=START) != root
    assert len({slot.id for slot in (*slots.list(), *KeySlots(other).list())}) == 4


@requirement("vault.wrong-key")
@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (OTHER_PASSPHRASE, "passphrase"),
        (KeyFile(bytes(32)), "key file"),
        (generate_phrase(), "recovery phrase"),
    ],
)
def test_a_wrong_secret_gets_one_clear_answer(
    slots: KeySlots, root: RootKey, wrong: Secret, name: str
) -> None:
    del root

    with pytest.raises(WrongKeyError) as refused:
        slots.unlock(wrong)

    assert refused.value.code == "wrong-key"
    assert str(refused.value) == f"this {name} does not open the vault"
    assert refused.value.has_slot


def test_a_secret_without_a_slot_is_told_so(slots: KeySlots) -> None:
    slots.create([KEY], at=START)

    with pytest.raises(WrongKeyError) as refused:
        slots.unlock(PHRASE)

    assert not refused.value.has_slot
    assert refused.value.why == "The vault has no slot for a recovery phrase."


@requirement("vault.slots.passphrase-strength")
def test_no_slot_is_made_for_a_weak_passphrase(slots: KeySlots, root: RootKey) -> None:
    before = slots.home.slots.read_bytes()

    with pytest.raises(WeakPassphraseError):
        slots.replace_passphrase(root, Passphrase("password"), at=START)

    assert slots.home.slots.read_bytes() == before


def test_slots_are_made_once(slots: KeySlots, root: RootKey) -> None:
    with pytest.raises(VaultExistsError):
        slots.create([KEY], at=START)

    assert slots.unlock(KEY) == root


def test_a_slot_can_be_added(slots: KeySlots, fast: Argon2Parameters) -> None:
    root = slots.create([KEY], at=START)

    added = slots.add(root, PASSPHRASE, at=START, argon2=fast)

    assert slots.list()[1] == added
    assert slots.unlock(PASSPHRASE) == slots.unlock(KEY) == root


@pytest.mark.parametrize("secret", [OTHER_PASSPHRASE, PHRASE])
def test_a_second_passphrase_or_phrase_is_refused(
    slots: KeySlots, root: RootKey, fast: Argon2Parameters, secret: Secret
) -> None:
    with pytest.raises(SlotTakenError) as refused:
        slots.add(root, secret, at=START, argon2=fast)

    assert refused.value.code == "slot-taken"
    assert "already" in refused.value.why


def test_key_files_are_added_until_there_is_no_room(slots: KeySlots, root: RootKey) -> None:
    for number in range(13):
        slots.add(root, KeyFile(bytes([number]) * 32), at=START)

    with pytest.raises(SlotTakenError) as refused:
        slots.add(root, KeyFile(b"x" * 32), at=START)

    assert "16 slots" in refused.value.why
    assert slots.unlock(KeyFile(bytes([12]) * 32)) == root


@requirement("vault.slots.change")
async def test_a_new_passphrase_wraps_the_same_root_key_and_leaves_the_database_alone(
    slots: KeySlots, root: RootKey, fast: Argon2Parameters
) -> None:
    create_file(slots.home.database)
    old = Database(slots.home.database, root.database_key())
    await old.write(vault.create)
    made = await old.write(lambda tx: identity.create(tx, START))
    old.close()
    before = slots.home.database.read_bytes()

    closed = slots.replace_passphrase(root, OTHER_PASSPHRASE, at=START, argon2=fast)

    assert slots.home.database.read_bytes() == before
    assert closed is not None
    assert "Backups made until now still open with the old passphrase" in closed.statement
    with pytest.raises(WrongKeyError):
        slots.unlock(PASSPHRASE)
    assert slots.unlock(PHRASE) == slots.unlock(KEY) == root
    new = Database(slots.home.database, slots.unlock(OTHER_PASSPHRASE).database_key())
    assert await new.read(identity.load) == made
    new.close()


def test_a_first_passphrase_replaces_nothing(slots: KeySlots, fast: Argon2Parameters) -> None:
    root = slots.create([KEY], at=START)

    assert slots.replace_passphrase(root, PASSPHRASE, at=START, argon2=fast) is None
    assert slots.unlock(PASSPHRASE) == root


@requirement("vault.slots.removal")
@pytest.mark.parametrize(
    ("place", "secret", "words"),
    [
        (0, PASSPHRASE, "Backups made until now still open with the old passphrase"),
        (1, KEY, "Older backups made by copying the vault's folder still open with it"),
        (2, PHRASE, "Backups made until now still open with the old phrase"),
    ],
)
def test_a_removed_slot_opens_no_more_and_it_is_said_what_still_does(
    slots: KeySlots, root: RootKey, place: int, secret: Secret, words: str
) -> None:
    closed = slots.remove(root, slots.list()[place].id)

    assert words in closed.statement
    assert "vault.slots.previous" in closed.statement
    with pytest.raises(WrongKeyError):
        slots.unlock(secret)
    assert len(slots.list()) == 2


@requirement("vault.slots.removal")
def test_the_statement_is_true(slots: KeySlots, root: RootKey) -> None:
    backup = slots.portable(root)

    slots.remove(root, slots.list()[0].id)

    assert open_portable_slots(backup, PASSPHRASE) == root
    slots.home.slots.write_bytes(slots.home.previous_slots.read_bytes())
    assert slots.unlock(PASSPHRASE) == root


@requirement("vault.slots.removal")
def test_the_last_slot_cannot_be_removed(slots: KeySlots) -> None:
    root = slots.create([KEY], at=START)

    with pytest.raises(LastSlotError) as refused:
        slots.remove(root, slots.list()[0].id)

    assert refused.value.code == "last-slot"
    assert slots.unlock(KEY) == root


def test_a_slot_that_is_not_there_cannot_be_removed(slots: KeySlots, root: RootKey) -> None:
    with pytest.raises(SlotMissingError) as refused:
        slots.remove(root, "0" * 32)

    assert refused.value.code == "slot-missing"
    assert len(slots.list()) == 3


def test_the_key_of_another_vault_changes_nothing(slots: KeySlots, root: RootKey) -> None:
    del root
    before = slots.home.slots.read_bytes()

    with pytest.raises(SlotsAlteredError):
        slots.add(RootKey.generate(), KeyFile(bytes(32)), at=START)

    assert slots.home.slots.read_bytes() == before


def test_a_backup_carries_passphrase_and_phrase_and_no_key_file(
    slots: KeySlots, root: RootKey
) -> None:
    backup = slots.portable(root)

    assert open_portable_slots(backup, PASSPHRASE) == root
    assert open_portable_slots(backup, PHRASE) == root
    with pytest.raises(WrongKeyError) as refused:
        open_portable_slots(backup, KEY)
    assert str(refused.value) == "this key file does not open the backup"
    assert refused.value.why == "The backup has no slot for a key file."


def test_a_backup_that_nobody_could_open_is_refused(slots: KeySlots) -> None:
    root = slots.create([KEY], at=START)

    with pytest.raises(NoPortableSlotError) as refused:
        slots.portable(root)

    assert refused.value.code == "no-portable-slot"


def test_the_slots_of_a_backup_become_those_of_a_clean_machine(
    slots: KeySlots, root: RootKey, tmp_path: Path
) -> None:
    clean = VaultHome(tmp_path / "clean")
    clean.create()

    assert KeySlots(clean).restore(slots.portable(root), PHRASE) == root

    assert KeySlots(clean).unlock(PASSPHRASE) == KeySlots(clean).unlock(PHRASE) == root
    with pytest.raises(VaultExistsError):
        KeySlots(clean).restore(slots.portable(root), PHRASE)


def test_the_slots_of_a_backup_do_not_pass_for_those_of_a_vault(
    slots: KeySlots, root: RootKey
) -> None:
    ours = slots.home.slots.read_bytes()
    slots.home.slots.write_bytes(slots.portable(root))

    with pytest.raises(SlotsAlteredError):
        slots.unlock(PHRASE)
    with pytest.raises(SlotsAlteredError):
        open_portable_slots(ours, PHRASE)


def test_slots_that_are_gone_are_reported(slots: KeySlots) -> None:
    with pytest.raises(SlotsDamagedError) as refused:
        slots.unlock(PHRASE)

    assert "No such file" in refused.value.why


def test_a_root_key_gives_independent_keys_and_shows_none(root: RootKey) -> None:
    keys = {root.database_key(), root.derive("one"), root.derive("two"), root.material}

    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    assert repr(root) == "RootKey()"
    with pytest.raises(ValueError, match="32 bytes"):
        RootKey(b"short")
