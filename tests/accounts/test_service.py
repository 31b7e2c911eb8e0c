from pathlib import Path

import pytest

from mnemosyne.accounts.service import Keys
from mnemosyne.audit import store as audit
from mnemosyne.kit.database import Database
from mnemosyne.kit.ids import new_id
from mnemosyne.kit.principal import MissingScopeError, Principal, Scope
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFile
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase, WeakPassphraseError
from mnemosyne.kit.vault.slot_errors import LastSlotError, SlotMissingError
from mnemosyne.kit.vault.slots import KeySlots
from tests.clock import SetClock

FAST = Argon2Parameters(memory_kib=64, passes=1, lanes=1)
OLD = Passphrase("marble-otter-9-violin-tundra")
NEW = Passphrase("quartz-heron-7-lantern-moss")
KEY = KeyFile(bytes(range(32)))


@pytest.fixture
def slots(tmp_path: Path) -> KeySlots:
    home = VaultHome(tmp_path / "home")
    home.path.mkdir(0o700)
    return KeySlots(home)


@pytest.fixture
def keys(slots: KeySlots, database: Database, clock: SetClock) -> Keys:
    root = slots.create([OLD], at=clock(), argon2=FAST)
    return Keys(database, slots, root, clock)


async def acts(database: Database, principal: Principal) -> list[tuple[str, object]]:
    entries = await database.read(lambda tx: audit.entries(tx, principal.person))
    return [(each.type, dict(each.payload or {})) for each in reversed(entries)]


async def test_a_new_way_in_opens_the_vault_and_has_its_entry(
    keys: Keys, slots: KeySlots, database: Database, principal: Principal
) -> None:
    added = await keys.add(principal, KEY)

    assert slots.unlock(KEY) == slots.unlock(OLD)
    assert [each.id for each in await keys.ways_in(principal)][-1] == added.id
    assert await acts(database, principal) == [
        ("slot-added", {"slot": added.id, "kind": "key-file"})
    ]


async def test_a_way_in_is_closed_by_the_end_of_its_identifier(
    keys: Keys, slots: KeySlots, database: Database, principal: Principal
) -> None:
    added = await keys.add(principal, KEY)

    closed = await keys.remove(principal, added.id[-8:].upper())

    assert closed.slot == added
    assert [each.kind for each in slots.list()] == ["passphrase"]
    assert (await acts(database, principal))[-1][0] == "slot-removed"


@pytest.mark.parametrize("reference", ["", "  ", "ffffffff", "g"])
async def test_what_ends_no_way_in_is_not_found(
    keys: Keys, principal: Principal, reference: str
) -> None:
    with pytest.raises(SlotMissingError):
        await keys.remove(principal, reference)


async def test_an_end_that_fits_several_is_not_taken_for_one(
    keys: Keys, principal: Principal
) -> None:
    for _ in range(15):
        await keys.add(principal, KEY)
    ends = [each.id[-1] for each in await keys.ways_in(principal)]
    shared = next(digit for digit in ends if ends.count(digit) > 1)

    with pytest.raises(SlotMissingError):
        await keys.remove(principal, shared)


async def test_a_new_passphrase_takes_the_place_of_the_old_one(
    keys: Keys, slots: KeySlots, database: Database, principal: Principal
) -> None:
    closed = await keys.replace_passphrase(principal, NEW, FAST)

    assert closed is not None
    assert slots.unlock(NEW).material
    assert await acts(database, principal) == [("passphrase-replaced", {"slot": closed.slot.id})]


async def test_a_refused_change_leaves_slots_and_record_as_they_were(
    keys: Keys, slots: KeySlots, database: Database, principal: Principal
) -> None:
    before = slots.list()

    with pytest.raises(LastSlotError):
        await keys.remove(principal, before[0].id)
    with pytest.raises(WeakPassphraseError):
        await keys.replace_passphrase(principal, Passphrase("short"), FAST)

    assert slots.list() == before
    assert await acts(database, principal) == []


async def test_ways_in_need_their_own_permission(keys: Keys, clock: SetClock) -> None:
    reader = Principal(new_id(clock()), frozenset({Scope.MEMORY_READ}), "token", "http")

    with pytest.raises(MissingScopeError):
        await keys.ways_in(reader)
    with pytest.raises(MissingScopeError):
        await keys.add(reader, KEY)
