import pytest

from mnemosyne.accounts.node_keys import NodeKeys
from mnemosyne.audit import store as audit
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import MissingScopeError, Principal, Scope
from mnemosyne.kit.vault import identity
from tests.clock import SetClock
from tests.requirements import requirement


@requirement("vault.node-key-rotation")
async def test_a_rotation_stands_in_the_record_with_both_public_halves(
    database: Database, principal: Principal, clock: SetClock
) -> None:
    first = await database.write(lambda tx: identity.create(tx, clock()))
    keys = NodeKeys(database, clock)

    made = await keys.rotate(principal)

    assert await keys.all(principal) == (first.node_key.public, made.next)
    newest = (await database.read(lambda tx: audit.entries(tx, principal.person)))[0]
    assert newest.type == "node-key-rotated"
    assert newest.payload == {
        "previous": encode_multikey(first.node_key.public),
        "next": encode_multikey(made.next),
    }


async def test_rotating_needs_a_permission(
    database: Database, principal: Principal, clock: SetClock
) -> None:
    guest = Principal(principal.person, frozenset({Scope.MEMORY_READ}), "token", "mcp")

    with pytest.raises(MissingScopeError):
        await NodeKeys(database, clock).rotate(guest)
