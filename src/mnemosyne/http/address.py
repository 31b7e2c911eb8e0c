"""Where the node is reached, one origin, by name; and where a resolver without a node is.

A passkey belongs to a host name for good (WebAuthn L3 §5.1.2, the RP ID), never to an address of
numbers. So the node has one name, and answers to no other: a page that gives this machine a name
of its own (DNS rebinding) is told that it went astray.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

from mnemosyne.accounts.credentials import RelyingParty
from mnemosyne.kit.errors import MnemosyneError

PRODUCT: Final = "Mnemosyne"
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class AddressUnusableError(MnemosyneError):
    """The public address of the node is none that a browser would keep a passkey for."""

    code = "address-unusable"

    def __init__(self, text: str, why: str, hint: str = "") -> None:
        super().__init__(
            f"“{text[:80]}” cannot be the address of this node",
            why=why,
            hint=hint
            or "Give it as https://node.example, or leave it out: http://mnemosyne.localhost "
            "with the port is used on this machine.",
        )
        self.text = text


@dataclass(frozen=True, slots=True)
class Address:
    """The origin of the node (scheme, host name, port), and who else may read it from a page."""

    scheme: str
    host: str
    port: int
    origins: frozenset[str] = field(default_factory=frozenset)
    """Origins of other web pages that may read the resolver."""

    @classmethod
    def parse(cls, text: str, origins: frozenset[str] = frozenset()) -> Self:
        """Read an origin.

        Raises:
            AddressUnusableError: it has a path, no host name, or is plain http beyond the machine.
        """
        try:
            parts = urlsplit(text.strip())
            port = parts.port
        except ValueError as error:
            raise AddressUnusableError(text, "It cannot be read.") from error
        host, scheme = (parts.hostname or "").lower(), parts.scheme.lower()
        if scheme not in _DEFAULT_PORTS or parts.path not in {"", "/"} or "@" in parts.netloc:
            raise AddressUnusableError(text, "It is no http or https origin without a path.")
        if parts.query or parts.fragment or not _HOST.fullmatch(host) or _is_number(host):
            raise AddressUnusableError(text, "Passkeys need a host name, and no number.")
        if scheme == "http" and not is_of_this_machine(host):
            raise AddressUnusableError(text, "Beyond this machine browsers ask for https.")
        return cls(scheme, host, _DEFAULT_PORTS[scheme] if port is None else port, origins)

    @property
    def secure(self) -> bool:
        """Whether it is reached over TLS."""
        return self.scheme == "https"

    @property
    def origin(self) -> str:
        """Return it as browsers send it (RFC 6454 §6.2)."""
        usual = self.port == _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{self.host}" + ("" if usual else f":{self.port}")

    @property
    def authority(self) -> str:
        """Return what the Host of every request has to be."""
        return self.origin.partition("://")[2]

    @property
    def told(self) -> str:
        """Return it for people who went astray."""
        return self.origin

    def origin_at(self, host: str) -> str:
        """Return the origin of a request that names ``host``; nothing if it went astray."""
        return self.origin if host.lower() == self.authority else ""

    @property
    def relying_party(self) -> RelyingParty:
        """Return who passkeys are made for."""
        return RelyingParty(self.host, self.origin, PRODUCT)


@dataclass(frozen=True, slots=True)
class Loopback:
    """This machine by its own names, at whatever port: where a resolver alone is reached."""

    origins: frozenset[str] = field(default_factory=frozenset)
    """Origins of web pages that may read the resolver."""

    @property
    def secure(self) -> bool:
        """Whether it is reached over TLS."""
        return False

    @property
    def told(self) -> str:
        """Return it for people who went astray."""
        return ", ".join(_LOOPBACK)

    def origin_at(self, host: str) -> str:
        """Return the origin of a request that names ``host``; nothing if it went astray."""
        name, colon, port = host.lower().rpartition(":")
        alone = name if colon and port.isascii() and port.isdigit() else host.lower()
        return f"http://{host.lower()}" if alone in _LOOPBACK else ""


def is_of_this_machine(host: str) -> bool:
    """Whether browsers take a name for the machine they run on (RFC 6761 §6.3)."""
    return host == "localhost" or host.endswith(".localhost")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdigit()
    return True
