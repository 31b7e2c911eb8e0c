"""Writing a log: each function returns an entry that went through every check a reader makes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from mnemosyne.identity.entry import (
    PLACEHOLDER,
    Entry,
    entry_hash,
    parse_entry,
    parse_time,
    replace_text,
    scid_of,
    write_time,
)
from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.log import History, evaluate, extend
from mnemosyne.identity.parameters import EntryType
from mnemosyne.identity.syntax import METHOD, PREFIX
from mnemosyne.kit.canonical_json import canonical_json
from mnemosyne.kit.crypto.data_integrity import did_key_method, sign_document
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import Signer

_SECOND = timedelta(seconds=1)


def create(
    signer: Signer,
    *,
    next_key_hashes: Sequence[str],
    recovery_key_hashes: Sequence[str],
    document: Callable[[str], Mapping[str, Any]],
    time: datetime,
    update_keys: Sequence[str] | None = None,
    **more: Any,  # noqa: ANN401 - witness, mirrors, ttl as the log has them
) -> Entry:
    """Return the genesis of a new DID, which is ``entry.did``.

    ``document`` is given the DID and returns its document. ``update_keys`` are Multikeys, that of
    ``signer`` alone unless stated.

    Raises:
        LogError: it would not hold.
    """
    unfinished = {
        "versionTime": write_time(time),
        "type": EntryType.CREATE,
        "previous": None,
        "parameters": {
            "method": METHOD,
            "updateKeys": _keys(signer, update_keys),
            "nextKeyHashes": list(next_key_hashes),
            "recoveryKeyHashes": list(recovery_key_hashes),
            **more,
        },
        "state": document(PREFIX + PLACEHOLDER),
    }
    scid = scid_of(unfinished)
    value = replace_text(unfinished, PLACEHOLDER, scid)
    value["parameters"]["scid"] = scid
    entry = _sign(value, 1, signer)
    evaluate(PREFIX + scid, (entry,), entry.time)
    return entry


def update(
    history: History,
    signer: Signer,
    *,
    next_key_hashes: Sequence[str],
    document: Mapping[str, Any],
    time: datetime,
    update_keys: Sequence[str] | None = None,
    **more: Any,  # noqa: ANN401 - witness, mirrors, ttl as the log has them
) -> Entry:
    """Return the entry that follows the head with another document and another promise of keys.

    Raises:
        LogError: it would not hold, because the parent did not promise the keys, for one.
    """
    parameters = {
        "updateKeys": _keys(signer, update_keys),
        "nextKeyHashes": list(next_key_hashes),
        **more,
    }
    return _append(history, EntryType.UPDATE, history.head, parameters, document, signer, time)


def deactivate(
    history: History,
    signer: Signer,
    *,
    time: datetime,
    update_keys: Sequence[str] | None = None,
) -> Entry:
    """Return the entry that ends the use of the DID, until a recovery undoes it.

    Raises:
        LogError: it would not hold.
    """
    parameters = {"updateKeys": _keys(signer, update_keys)}
    return _append(history, EntryType.DEACTIVATE, history.head, parameters, {}, signer, time)


def recover(  # noqa: PLR0913 - what a recovery says
    history: History,
    previous: str,
    recovery_signer: Signer,
    *,
    update_keys: Sequence[str],
    next_key_hashes: Sequence[str],
    recovery_key_hashes: Sequence[str],
    document: Mapping[str, Any],
    time: datetime,
    **more: Any,  # noqa: ANN401 - witness, mirrors, ttl as the log has them
) -> Entry:
    """Return the entry that goes on from the entry ``previous``, with fresh keys of both tiers.

    Raises:
        LogError: NO_PARENT, when the log has no such entry; or it would not hold.
    """
    parameters = {
        "updateKeys": list(update_keys),
        "nextKeyHashes": list(next_key_hashes),
        "recoveryKeyHashes": list(recovery_key_hashes),
        **more,
    }
    parent = _named(history, previous)
    return _append(history, EntryType.RECOVER, parent, parameters, document, recovery_signer, time)


def tombstone(history: History, previous: str, recovery_signer: Signer, *, time: datetime) -> Entry:
    """Return the entry that ends the use of the DID for good: no key can follow it.

    Raises:
        LogError: NO_PARENT, when the log has no such entry; or it would not hold.
    """
    none: dict[str, Any] = {"updateKeys": [], "nextKeyHashes": [], "recoveryKeyHashes": []}
    parent = _named(history, previous)
    return _append(history, EntryType.RECOVER, parent, none, {}, recovery_signer, time)


def _append(
    history: History,
    kind: EntryType,
    parent: Entry,
    parameters: Mapping[str, Any],
    document: Mapping[str, Any],
    signer: Signer,
    time: datetime,
) -> Entry:
    """Sign an entry behind ``parent`` and look at it as every reader will.

    An entry is later than its parent, and times are whole seconds: two entries within one second
    are dated one second apart.
    """
    value = {
        "versionTime": write_time(max(time, parent.time + _SECOND)),
        "type": kind,
        "previous": parent.version_id,
        "parameters": parameters,
        "state": document,
    }
    entry = _sign(value, parent.number + 1, signer)
    extend(history, (entry,), time)
    return entry


def _sign(value: Mapping[str, Any], number: int, signer: Signer) -> Entry:
    stated = {**value, "versionId": f"{number}-{entry_hash(value)}"}
    proof = sign_document(
        stated,
        signer,
        verification_method=did_key_method(signer.public),
        created=parse_time(stated["versionTime"]),
    )
    return parse_entry(canonical_json({**stated, "proof": [proof]}))


def _keys(signer: Signer, update_keys: Sequence[str] | None) -> list[str]:
    return [encode_multikey(signer.public)] if update_keys is None else list(update_keys)


def _named(history: History, version_id: str) -> Entry:
    for entry in history.entries:
        if entry.version_id == version_id:
            return entry
    raise LogError(LogCode.NO_PARENT, "The log has no entry of that versionId")
