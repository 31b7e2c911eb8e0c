"""The parameters of an entry: which keys may write the log, and how it is served and witnessed.

``updateKeys`` and the two lists of hashes are stated by each entry that has a say in them. Of
``witness``, ``mirrors`` and ``ttl`` an entry states what it changes; absent means unchanged, an
empty list of mirrors means none, and ``null`` ends witnessing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from mnemosyne.identity.errors import LogCode, LogError
from mnemosyne.identity.syntax import METHOD, is_multihash
from mnemosyne.identity.web_urls import is_web_address, too_long
from mnemosyne.kit.crypto.digests import multihash
from mnemosyne.kit.crypto.multikey import BadPublicKeyError, decode_did_key, decode_multikey

MOST_KEYS: Final = 10
"""Keys or hashes in a list, witnesses, mirrors."""
LONGEST_TTL: Final = 31_536_000  # a year, in seconds

_HASH_LISTS: Final = frozenset({"nextKeyHashes", "recoveryKeyHashes"})
_FIXED: Final = frozenset({"method", "scid"})
_KNOWN: Final = frozenset({"updateKeys", "witness", "mirrors", "ttl"}) | _HASH_LISTS | _FIXED


class EntryType(StrEnum):
    """What an entry does."""

    CREATE = "create"
    UPDATE = "update"
    RECOVER = "recover"
    DEACTIVATE = "deactivate"

    @property
    def hot(self) -> bool:
        """Whether keys of the parent's ``nextKeyHashes`` write it."""
        return self in {EntryType.UPDATE, EntryType.DEACTIVATE}


@dataclass(frozen=True, slots=True)
class Witness:
    """Whose receipts an entry needs, as did:key, and how many of them."""

    threshold: int
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parameters:
    """What one entry states. None means that it states nothing."""

    update_keys: tuple[str, ...]
    next_key_hashes: tuple[str, ...]
    recovery_key_hashes: tuple[str, ...] | None
    scid: str | None
    witness: Witness | None
    ends_witnessing: bool
    mirrors: tuple[str, ...] | None
    ttl: int | None

    @property
    def update_key_hashes(self) -> frozenset[str]:
        """The hashes under which an earlier entry had to promise the keys."""
        return frozenset(key_hash(each) for each in self.update_keys)


@lru_cache(maxsize=4096)  # asked of the same keys by each rule, and again with each new entry
def key_hash(multikey: str) -> str:
    """Return the hash under which a key is promised."""
    return multihash(multikey.encode("utf-8"))


def check_method(parameters: object) -> None:
    """Refuse a log of another method or version, whatever else it says.

    Raises:
        LogError: METHOD_VERSION.
    """
    named = parameters.get("method", METHOD) if isinstance(parameters, Mapping) else METHOD
    if named != METHOD:
        raise LogError(LogCode.METHOD_VERSION, f"It is not written by {METHOD}")


def parse_parameters(kind: EntryType, value: object, *, tombstone: bool) -> Parameters:
    """Return the parameters of an entry of ``kind``; ``tombstone`` when its state is empty.

    Raises:
        LogError: UNKNOWN_MEMBER, FIXED_PARAM, RECOVERY_TIER, NEXT_KEYS, ENTRY_TOO_LARGE, WITNESS,
            or what the keys of ``kind`` are refused with.
    """
    if not isinstance(value, dict):
        raise _unknown("The parameters are not an object")
    _check_names(kind, value)
    keys = _KEY_CODES[kind]
    update_keys = _list(value["updateKeys"], "updateKeys", keys)
    next_hashes = _list(value.get("nextKeyHashes", []), "nextKeyHashes", _NEXT_CODES[kind])
    recovery = _list(value.get("recoveryKeyHashes", []), "recoveryKeyHashes", keys)
    if kind is not EntryType.RECOVER or not tombstone:
        _require_some(update_keys, "updateKeys", keys)
    if kind is not EntryType.DEACTIVATE and not tombstone:
        _require_some(next_hashes, "nextKeyHashes", _NEXT_CODES[kind])
    if not kind.hot and not tombstone:
        _require_some(recovery, "recoveryKeyHashes", keys)
    if kind is EntryType.RECOVER and tombstone and (update_keys or next_hashes or recovery):
        raise LogError(keys, "A recovery that deactivates for good lists no keys")
    _check_keys(update_keys, keys)
    _check_hashes(next_hashes, _NEXT_CODES[kind])
    _check_hashes(recovery, keys)
    _check_tiers(kind, update_keys, next_hashes, recovery)
    return Parameters(
        update_keys=update_keys,
        next_key_hashes=next_hashes,
        recovery_key_hashes=None if kind.hot else recovery,
        scid=value.get("scid"),
        witness=_witness(kind, value),
        ends_witnessing="witness" in value and value["witness"] is None,
        mirrors=_mirrors(value),
        ttl=_ttl(value),
    )


# With what the keys of an entry, and its promises, are refused.
_KEY_CODES: Final = {
    EntryType.CREATE: LogCode.GENESIS_KEYS,
    EntryType.UPDATE: LogCode.PRE_ROTATION,
    EntryType.DEACTIVATE: LogCode.PRE_ROTATION,
    EntryType.RECOVER: LogCode.RECOVERY_KEY,
}
_NEXT_CODES: Final = _KEY_CODES | {
    EntryType.UPDATE: LogCode.NEXT_KEYS,
    EntryType.DEACTIVATE: LogCode.NEXT_KEYS,
}


def _check_names(kind: EntryType, value: Mapping[str, Any]) -> None:
    if unknown := value.keys() - _KNOWN:
        raise _unknown(f"A parameter is not known: {min(unknown)[:40]}")
    if kind is not EntryType.CREATE and value.keys() & _FIXED:
        raise LogError(LogCode.FIXED_PARAM, "The method and the scid stand in the genesis alone")
    if kind.hot and "recoveryKeyHashes" in value:
        raise LogError(LogCode.RECOVERY_TIER, "A hot key cannot state recovery keys")
    required = {"updateKeys"}
    if not kind.hot:
        required |= _HASH_LISTS
    if kind is EntryType.CREATE:
        required |= _FIXED
    if missing := required - value.keys():
        raise _unknown(f"The parameters have no {min(missing)}")


def _list(value: object, name: str, code: LogCode) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _unknown(f"{name} is not a list of texts")
    if len(value) > MOST_KEYS:
        raise LogError(LogCode.ENTRY_TOO_LARGE, f"{name} has more than {MOST_KEYS} items")
    if len(set(value)) != len(value):
        raise LogError(code, f"{name} lists something twice")
    return tuple(value)


def _require_some(values: Sequence[str], name: str, code: LogCode) -> None:
    if not values:
        raise LogError(code, f"{name} lists nothing, or is missing")


def _check_keys(keys: Sequence[str], code: LogCode) -> None:
    for each in keys:
        try:
            decode_multikey(each)
        except BadPublicKeyError as error:
            raise LogError(code, f"A key in updateKeys is unsound: {error.reason}") from error


def _check_hashes(hashes: Sequence[str], code: LogCode) -> None:
    if not all(is_multihash(each) for each in hashes):
        raise LogError(code, "What should be the hash of a key is not a SHA-256 multihash")


def _check_tiers(
    kind: EntryType, keys: Sequence[str], promised: Sequence[str], recovery: Sequence[str]
) -> None:
    """Refuse a key with two roles: a thief of the present key must not hold another one with it."""
    present = {key_hash(each) for each in keys}
    if present & set(promised):
        raise LogError(_NEXT_CODES[kind], "It promises a key that is in use already")
    if set(recovery) & (present | set(promised)):
        raise LogError(_KEY_CODES[kind], "A recovery key is a hot key too")


def _witness(kind: EntryType, value: Mapping[str, Any]) -> Witness | None:
    if "witness" not in value:
        return None
    stated = value["witness"]
    if stated is None and kind is not EntryType.CREATE:
        return None
    if not isinstance(stated, dict) or stated.keys() != {"threshold", "witnesses"}:
        raise _unknown("The witness parameter is not a threshold and witnesses")
    threshold, listed = stated["threshold"], stated["witnesses"]
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise _unknown("The witnesses are not a list of texts")
    if type(threshold) is not int:  # in Python true is an integer, in JSON it is not
        raise _unknown("The threshold is not a whole number")
    if len(listed) > MOST_KEYS:
        raise LogError(LogCode.ENTRY_TOO_LARGE, f"There are more than {MOST_KEYS} witnesses")
    if len(set(listed)) != len(listed):
        raise LogError(LogCode.WITNESS, "A witness is listed twice")
    if not 1 <= threshold <= len(listed):
        raise LogError(LogCode.WITNESS, "The threshold is not between 1 and the number listed")
    for each in listed:
        _check_witness(each)
    return Witness(threshold, tuple(listed))


def _check_witness(did: str) -> None:
    try:
        decode_did_key(did)
    except BadPublicKeyError as error:
        raise LogError(LogCode.WITNESS, f"A witness is no sound did:key: {error.reason}") from error


def _mirrors(value: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "mirrors" not in value:
        return None
    mirrors = _list(value["mirrors"], "mirrors", LogCode.INVALID_STATE)
    if any(too_long(each) for each in mirrors):
        raise LogError(LogCode.ENTRY_TOO_LARGE, "The URL of a mirror has more than 2,048 bytes")
    if not all(is_web_address(each) for each in mirrors):
        raise LogError(LogCode.INVALID_STATE, "A mirror is not a web address")
    return mirrors


def _ttl(value: Mapping[str, Any]) -> int | None:
    if "ttl" not in value:
        return None
    ttl = value["ttl"]
    if type(ttl) is not int or not 0 <= ttl <= LONGEST_TTL:
        raise _unknown("The ttl is not a number of seconds, a year at most")
    return ttl


def _unknown(detail: str) -> LogError:
    return LogError(LogCode.UNKNOWN_MEMBER, detail)
