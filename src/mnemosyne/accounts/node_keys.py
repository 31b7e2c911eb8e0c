"""Use case of the node's own key: let a new one take over, and tell which there were."""

from datetime import datetime

from sqlalchemy import Connection

from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault import node_keys
from mnemosyne.kit.vault.node_keys import Succession


class NodeKeys:
    """The keys with which this node signs and has signed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def rotate(self, principal: Principal) -> Succession:
        """Let a new key sign from now on; what earlier ones signed stays verifiable."""
        principal.require(Scope.ADMIN)
        principal.require_secret()
        at = self._clock()
        return await self._database.write(lambda tx: rotate(tx, principal, at=at))

    async def all(self, principal: Principal) -> tuple[bytes, ...]:
        """Return the public halves, 32 bytes each, the oldest first and today's last."""
        principal.require(Scope.ACCOUNT_MANAGE)
        return await self._database.read(node_keys.publics)


def rotate(tx: Connection, principal: Principal, *, at: datetime) -> Succession:
    """Let a new node key take over in the caller's transaction, with its entry in the record."""
    made = node_keys.rotate(tx, at)
    act = Act(
        principal.person,
        "node-key-rotated",
        principal.credential,
        principal.channel,
        payload={"previous": encode_multikey(made.previous), "next": encode_multikey(made.next)},
    )
    audit.append(tx, act, at)
    return made
