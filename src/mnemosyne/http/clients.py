"""Which client a request comes from: an address, or the network of a household.

What a request says of itself (``X-Forwarded-For``) anybody can write. It is read only where a proxy
that the operator named has handed the request on, and only as far as such proxies wrote it.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Self

from starlette.datastructures import Headers
from starlette.types import Scope

from mnemosyne.kit.errors import MnemosyneError

_HOST_BITS = 64  # of IPv6: one household or server has a /64 at the least
_VERSION_4 = 4


class ProxyUnusableError(MnemosyneError):
    """What was named as the proxy before the node is no address."""

    code = "proxy-unusable"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"“{text[:80]}” is no address of a proxy",
            why="Whom to believe about where requests come from is said by address.",
            hint="Give an address such as 127.0.0.1, or a network such as 10.0.0.0/24.",
        )
        self.text = text


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies before this node, by their addresses; none is believed unless named."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """Read addresses and networks.

        Raises:
            ProxyUnusableError: one of them is neither.
        """
        return cls(tuple(_network(text) for text in texts))

    def include(self, peer: str) -> bool:
        """Whether the other end of a connection is one of these proxies."""
        address = _parsed(peer)
        return address is not None and self._names(address)

    def client_of(self, scope: Scope) -> str:
        """Return the client of a request: its IPv4 address, its /64 of IPv6, or "" on a socket."""
        peer = scope.get("client")
        address = _parsed(peer[0]) if peer else None
        if address is None:
            return str(peer[0]) if peer else ""
        said = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
        while said and self._names(address):
            before = _parsed(_without_port(said.pop().strip()))
            if before is None:  # what no proxy of ours can have written
                break
            address = before
        return _folded(address)

    def _names(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self.networks)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError as error:
        raise ProxyUnusableError(text) from error


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address; one of IPv4 that is written as IPv6 (RFC 4291 §2.5.5.2) as IPv4."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _folded(address: IPv4Address | IPv6Address) -> str:
    if address.version == _VERSION_4:
        return str(address)
    return str(IPv6Network((int(address) >> _HOST_BITS << _HOST_BITS, _HOST_BITS)))


def _without_port(text: str) -> str:
    """Return the address of ``192.0.2.1:80`` or ``[2001:db8::1]:80``, as some proxies write it."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
