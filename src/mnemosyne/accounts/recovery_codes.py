"""Recovery codes: ten at a time, each good once, and only for adding a passkey."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import (
    alarms,
    sessions,
    store,
    store_passkeys,
    store_recovery_codes,
    store_sessions,
)
from mnemosyne.accounts.alarms import AlarmKind
from mnemosyne.accounts.credentials import CHANNEL, CredentialKind, NewSession, NotSignedInError
from mnemosyne.accounts.sessions import record
from mnemosyne.accounts.slow_hashes import SlowHashes
from mnemosyne.accounts.store_recovery_codes import CodesLeft, StoredCode
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier, new_id
from mnemosyne.kit.principal import Principal, Scope

COUNT: Final = 10
_ENOUGH_PASSKEYS: Final = 2
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: 5 bits a letter
_SELECTOR: Final = 4
_SECRET: Final = 16  # 80 bits
_GROUP: Final = 4
# What is read off paper: O for 0, I and L for 1, and what stands between the groups.
_READ: Final = str.maketrans("OIL", "011", "- \t\n\r\N{EN DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}")


class RecoveryCodeRefusedError(MnemosyneError):
    """The code lets nobody in; unknown, mistyped and redeemed answer alike."""

    code = "recovery-code-refused"

    def __init__(self) -> None:
        super().__init__(
            "this recovery code does not let anybody in",
            why="It is not one of this node, was mistyped, was used, or newer ones replaced it.",
            hint="Try another of your codes, or run `mnemosyne account link` on the machine of "
            "the node.",
        )


@dataclass(frozen=True, slots=True)
class FreshCodes:
    """New codes to be shown once, and what is stored of them."""

    shown: tuple[str, ...] = field(repr=False)
    stored: tuple[StoredCode, ...]


class RecoveryCodes:
    """The way back for somebody whose passkeys are all lost."""

    def __init__(self, database: Database, hashes: SlowHashes, clock: Clock) -> None:
        self._database = database
        self._hashes = hashes
        self._clock = clock

    async def generate(self, principal: Principal) -> Sequence[str]:
        """Return ten new codes, to be shown once; earlier ones stop working, and what they began.

        Raises:
            NeedsSecretError: it was not confirmed.
            BusyNowError: too many derivations wait already.
            NotSignedInError: the person was erased meanwhile.
        """
        principal.require(Scope.ACCOUNT_MANAGE)
        principal.require_secret()
        at = self._clock()
        fresh = await self.prepare(at)

        def write(tx: Connection) -> None:
            if store.get(tx, principal.person) is None:
                raise NotSignedInError  # erased while this was under way
            ended = keep(tx, principal.person, fresh, at)
            facts: dict[str, object] = {"codes": COUNT, "sessions": ended}
            record(tx, principal, "recovery-codes-made", at, facts)

        await self._database.write(write)
        return fresh.shown

    async def prepare(self, at: datetime) -> FreshCodes:
        """Make codes that are not stored yet, which takes a second of one core.

        Raises:
            BusyNowError: too many derivations wait already.
        """
        shown = await self._database.read(_unused)
        secret_parts = [(code[_SELECTOR:], secrets.token_bytes(16)) for code in shown]
        hashed = await self._hashes.hash_all(secret_parts)
        stored = tuple(
            StoredCode(new_id(at), "", code[:_SELECTOR], salt, digest, redeemed=False)
            for code, (_, salt), digest in zip(shown, secret_parts, hashed, strict=True)
        )
        return FreshCodes(tuple(map(grouped, shown)), stored)

    async def left(self, principal: Principal) -> CodesLeft:
        """Return how many codes the person can still redeem."""
        principal.require(Scope.ACCOUNT_MANAGE)
        return await self._database.read(lambda tx: store_recovery_codes.left(tx, principal.person))

    async def acknowledge(self, principal: Principal) -> CodesLeft:
        """Note that the person has kept their codes, which ends the set-up of their account."""
        principal.require(Scope.ACCOUNT_MANAGE)
        at = self._clock()

        def write(tx: Connection) -> CodesLeft:
            if store_recovery_codes.acknowledge(tx, principal.person, at):
                record(tx, principal, "recovery-codes-kept", at, {})
            return store_recovery_codes.left(tx, principal.person)

        return await self._database.write(write)

    async def set_up(self, principal: Principal) -> bool:
        """Return whether the account outlives the loss of a device: set-up has ended then.

        It has two passkeys, or codes that the person says to have kept.
        """
        principal.require(Scope.ACCOUNT_MANAGE)

        def read(tx: Connection) -> bool:
            owner = principal.person
            if store_recovery_codes.left(tx, owner).acknowledged:
                return True
            return len(store_passkeys.of(tx, owner)) >= _ENOUGH_PASSKEYS

        return await self._database.read(read)

    async def redeem(self, text: str, device: str = "", instead_of: str = "") -> NewSession:
        """Use a code up and begin a session that may only add a passkey; alarm its person.

        ``instead_of`` is the secret of the session that the browser had until now, which ends.

        Raises:
            RecoveryCodeRefusedError: it is none that is left. Unknown, mistyped and redeemed
                codes are told apart neither by words nor by the time it takes.
            BusyNowError: too many derivations wait already.
        """
        read = read_code(text)
        found = await self._database.read(
            lambda tx: store_recovery_codes.by_selector(tx, read[:_SELECTOR])
        )
        salt = bytes(16) if found is None else found.salt
        derived = await self._hashes.hash(read[_SELECTOR:], salt)
        expected = bytes(32) if found is None else found.hash
        if not compare_digest(derived, expected) or found is None:
            raise RecoveryCodeRefusedError
        at = self._clock()
        return await self._database.write(lambda tx: _begin(tx, found, at, device, instead_of))


def read_code(text: str) -> str:
    """Return what a person typed as 20 letters of the alphabet, or a text that no code equals."""
    read = text.upper().translate(_READ)
    whole = len(read) == _SELECTOR + _SECRET and set(read) <= set(_ALPHABET)
    return read if whole else "-" * (_SELECTOR + _SECRET)


def grouped(code: str) -> str:
    """Return a code as it is shown: five groups of four letters."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def keep(tx: Connection, owner: Identifier, fresh: FreshCodes, at: datetime) -> int:
    """Store prepared codes in the caller's transaction, which records how they came about.

    Whoever came in with one of the earlier codes and has made no passkey yet is out; returns how
    many sessions that ended.
    """
    store_recovery_codes.replace(tx, owner, fresh.stored, at)
    return store_sessions.remove_recovering(tx, owner)


def _unused(tx: Connection) -> list[str]:
    """Return new codes whose selectors nobody's code has."""
    while True:
        codes = {
            "".join(map(secrets.choice, [_ALPHABET] * (_SELECTOR + _SECRET))) for _ in range(COUNT)
        }
        selectors = sorted({code[:_SELECTOR] for code in codes})
        if len(selectors) == COUNT and not store_recovery_codes.taken(tx, selectors):
            return sorted(codes)


def _begin(
    tx: Connection, found: StoredCode, at: datetime, device: str, instead_of: str
) -> NewSession:
    # Two requests may have found it unused; the transaction lets one of them through.
    if not store_recovery_codes.redeem(tx, found.owner, found.id, at):
        raise RecoveryCodeRefusedError
    kind = CredentialKind.RECOVERY
    begun = sessions.begin(
        tx, found.owner, found.id, at, device=device, kind=kind, instead_of=instead_of
    )
    facts = {"session": begun.admitted.id, "selector": found.selector}
    rung = AlarmKind.CODE_REDEEMED
    alarms.ring(tx, found.owner, rung, found.id, at, channel=CHANNEL, facts=facts)
    return begun
