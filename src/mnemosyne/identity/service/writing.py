"""Write the next entry of one's own log: keys, document, entry, and what is entered of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.identity import store
from mnemosyne.identity.document import VerificationMethod
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import History, extend
from mnemosyne.identity.model import Rotated
from mnemosyne.identity.own_document import Parts, next_number
from mnemosyne.identity.service.standing import Standing
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault import identity as vault
from mnemosyne.kit.vault import node_keys
from mnemosyne.kit.vault.keyring import KeyKind, Keyring

KEYRING: Final = Keyring()
States = Sequence[Mapping[str, Any]]


def with_new_keys(
    tx: Connection,
    owner: Identifier,
    parts: Parts,
    seen: tuple[Entry, ...],
    at: datetime,
    which: frozenset[Rotated],
) -> Parts:
    """Return ``parts`` with new keys in place of the old ones, and the node's key as it is now.

    The private half of a replaced signing key is deleted; that of an agreement key stays, since
    what was sealed for it has to be opened still.
    """
    states = [entry.state for entry in seen]
    if Rotated.SIGNING in which:
        forget_signing_keys(tx, owner)
        fresh = KEYRING.generate(tx, owner, KeyKind.SIGNING, at)
        parts = replace(parts, signing=(_method(states, "sig", fresh),))
    if Rotated.AGREEMENT in which:
        fresh = KEYRING.generate(tx, owner, KeyKind.AGREEMENT, at)
        parts = replace(parts, agreement=(_method(states, "enc", fresh),))
    if Rotated.NODE in which:
        node_keys.rotate(tx, at)
    return naming_the_node(tx, parts, states)


def naming_the_node(tx: Connection, parts: Parts, states: States) -> Parts:
    """Return ``parts`` with the key by which this node signs today."""
    public = encode_multikey(vault.load(tx).node_key.public)
    if public in {each.multikey for each in parts.node}:
        return parts
    return replace(parts, node=(_method(states, "node", public),))


def _method(states: States, kind: str, public: str) -> VerificationMethod:
    return VerificationMethod(f"{kind}-{next_number(states, kind)}", public)


@dataclass(frozen=True, slots=True)
class Written:
    """What is stored with an entry of one's own: who did it, by which act, and what it says."""

    principal: Principal
    kind: str
    facts: Mapping[str, object]


def keep(
    tx: Connection,
    history: History | None,
    entry: Entry,
    incarnation: str,
    written: Written,
    at: datetime,
) -> None:
    """Store an entry that this vault wrote after ``history``, with its entry in the record."""
    owner, did = written.principal.person, str(entry.did if history is None else history.did)
    log = (entry,) if history is None else extend(history, (entry,), at).entries
    store.put(tx, owner, did, log)
    store.set_own_head(tx, owner, entry.version_id, incarnation)
    record(tx, written, {"did": did, "version": entry.version_id}, at)


def record(tx: Connection, written: Written, facts: Mapping[str, object], at: datetime) -> None:
    """Enter an act in the person's record."""
    who = written.principal
    payload = {**facts, **written.facts}
    act = Act(who.person, written.kind, who.credential, who.channel, payload=payload)
    audit.append(tx, act, at)


def forget_hot_keys_but(tx: Connection, owner: Identifier, kept: frozenset[str]) -> None:
    """Delete every key that changes the log, other than those of the newest entry."""
    for public in KEYRING.held(tx, owner, KeyKind.HOT):
        if public not in kept:
            KEYRING.forget(tx, owner, public)


def forget_signing_keys(tx: Connection, owner: Identifier) -> None:
    """Delete the private half of every signing key; what they signed stays verifiable."""
    for public in KEYRING.held(tx, owner, KeyKind.SIGNING):
        KEYRING.forget(tx, owner, public)


def every_entry(standing: Standing) -> tuple[Entry, ...]:
    """Return every entry that is known of one's own DID, wherever it was seen."""
    return (*standing.history.entries, *standing.ahead)
