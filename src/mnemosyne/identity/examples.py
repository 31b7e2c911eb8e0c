"""DIDs that belong to nobody, for trying a resolver and for test suites: the same ones everywhere.

Their keys are made of published seeds, so that anybody can write on in their logs. They are in
memory alone, and entries that are pushed to them are gone with the process.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from mnemosyne.identity import authoring
from mnemosyne.identity.document import build_document
from mnemosyne.identity.entry import Entry
from mnemosyne.identity.log import History, evaluate, extend, read_log
from mnemosyne.identity.parameters import key_hash
from mnemosyne.identity.refusals import UnknownDidError
from mnemosyne.identity.syntax import PREFIX
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.crypto.digests import multihash, sha256
from mnemosyne.kit.crypto.multikey import encode_multikey
from mnemosyne.kit.crypto.signing import SigningKey

UNKNOWN: Final = PREFIX + multihash(b"A DID that nobody made.")
"""A did:mnem of which no log can exist, since nobody knows one with this hash."""

_CREATED: Final = datetime(2025, 9, 1, 8, 0, tzinfo=UTC)
_UPDATED: Final = datetime(2025, 9, 20, 18, 30, tzinfo=UTC)
_TTL: Final = 3_600
_SERVICES: Final = (
    ("node", "MnemosyneNode", "https://node.example"),
    ("files", "LinkedDomains", "https://files.example/"),
)


class Examples:
    """A DID with two services that was updated once, and one that was deactivated."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._checking = asyncio.Lock()
        updated, deactivated = _updated(), _deactivated()
        self._histories = {each.did: each for each in (updated, deactivated)}
        self.active = updated.did
        self.deactivated = deactivated.did

    async def find(self, did: str) -> History | None:
        """Return the history of an example, None for any other DID."""
        return self._histories.get(did)

    async def submit(self, did: str, data: bytes) -> History:
        """Take entries of an example, as long as the process runs.

        Raises:
            LogError: they do not validly extend it.
            UnknownDidError: it is none of the examples.
        """
        async with self._checking:
            given = await asyncio.to_thread(read_log, data)
        extended = extend(self.history(did), given, self._clock())
        self._histories[did] = extended
        return extended

    def history(self, did: str) -> History:
        """Return the history of an example.

        Raises:
            UnknownDidError: it is none of them.
        """
        if did not in self._histories:
            raise UnknownDidError(did)
        return self._histories[did]


def key_of(name: str) -> SigningKey:
    """Return the key of an example by what it is called; everybody can."""
    return SigningKey(sha256(f"mnemosyne example: {name}".encode()))


def _updated() -> History:
    genesis = _genesis("updated", services=_SERVICES[:1])
    did, history = _history(genesis)
    document = build_document(
        did,
        signing=[("sig-1", _multikey("updated sig-1")), ("sig-2", _multikey("updated sig-2"))],
        services=_SERVICES,
    )
    update = authoring.update(
        history,
        key_of("updated hot 2"),
        next_key_hashes=[_promise("updated hot 3")],
        document=document,
        time=_UPDATED,
    )
    return extend(history, (update,), _UPDATED)


def _deactivated() -> History:
    _, history = _history(_genesis("deactivated"))
    end = authoring.deactivate(history, key_of("deactivated hot 2"), time=_UPDATED)
    return extend(history, (end,), _UPDATED)


def _genesis(name: str, services: tuple[tuple[str, str, str], ...] = ()) -> Entry:
    return authoring.create(
        key_of(f"{name} hot 1"),
        next_key_hashes=[_promise(f"{name} hot 2")],
        recovery_key_hashes=[_promise(f"{name} recovery 1")],
        document=partial(_document, name, services),
        time=_CREATED,
        ttl=_TTL,
    )


def _document(name: str, services: tuple[tuple[str, str, str], ...], did: str) -> Mapping[str, Any]:
    signing = [("sig-1", _multikey(f"{name} sig-1"))]
    return build_document(did, signing=signing, services=services)


def _history(genesis: Entry) -> tuple[str, History]:
    did = str(genesis.did)
    return did, evaluate(did, (genesis,), genesis.time)


def _multikey(name: str) -> str:
    return encode_multikey(key_of(name).public)


def _promise(name: str) -> str:
    return key_hash(_multikey(name))
