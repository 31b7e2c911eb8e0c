"""How often a stranger may push entries: a few at once, then so many a minute, for each address."""

import ipaddress
from collections import OrderedDict
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from mnemosyne.kit.clock import Clock

AT_ONCE: Final = 10
EVERY: Final = timedelta(seconds=6)
_MOST_CLIENTS: Final = 1_024
_IPV6_NETWORK: Final = 64  # one household or server has a /64 at the least


class PushLimit:
    """A bucket of tokens for each client, in memory; a restart forgets them.

    A client that spends its last token waits ``every``. The table is bounded: with more clients at
    a time than it holds, those that pushed least recently begin anew.
    """

    def __init__(self, clock: Clock, at_once: int = AT_ONCE, every: timedelta = EVERY) -> None:
        self._clock = clock
        self._at_once = at_once
        self._every = every
        self._full_at: OrderedDict[str, datetime] = OrderedDict()

    def wait(self, address: str) -> int:
        """Take a token of the client at ``address``; return 0, or for how many seconds to wait."""
        client, now = _client(address), self._clock()
        # A clock that was set back would otherwise make the client wait for all of the difference.
        emptied = min(self._full_at.get(client, now), now + self._every * self._at_once)
        full_at = max(emptied, now) + self._every
        excess = full_at - now - self._every * self._at_once
        if excess > timedelta():
            return ceil(excess.total_seconds())
        self._full_at[client] = full_at
        self._full_at.move_to_end(client)
        if len(self._full_at) > _MOST_CLIENTS:
            self._full_at.popitem(last=False)
        return 0


def _client(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:  # noqa: PLR2004 - IPv4
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))
