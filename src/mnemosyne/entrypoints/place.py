"""Where a node listens, and under which name it is reached: decided before anything is opened.

Sessions and passkeys travel as the connection does. So beyond this machine there is TLS: here, or
at a proxy that was named.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from mnemosyne.cli.serving import HOST_NAME
from mnemosyne.entrypoints.listening import LOOPBACK, LOOPBACK_6
from mnemosyne.http.address import Address, AddressUnusableError, is_of_this_machine
from mnemosyne.http.clients import Proxies
from mnemosyne.kit.errors import MnemosyneError


class HostUnusableError(MnemosyneError):
    """What should be listened on is no address of a machine."""

    code = "host-unusable"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"the node cannot listen on “{host[:80]}”",
            why="Where it listens is said by address; under which name it is reached says "
            "--public-url.",
            hint="Leave --host out, or give an address of this machine, such as 192.168.1.20.",
        )
        self.host = host


class OpenToOthersError(MnemosyneError):
    """The node would be reached from other machines without encryption."""

    code = "open-to-others"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"the node does not listen on {host} without TLS",
            why="Other machines would reach it, and whoever stands between could read everything "
            "and take over sessions.",
            hint="Give --tls-cert and --tls-key, or --behind-proxy with the address of the proxy "
            "that has the certificate; or leave --host out, for this machine alone.",
        )
        self.host = host


class PublicUrlMissingError(MnemosyneError):
    """Nobody said under which name the node is reached from elsewhere."""

    code = "public-url-missing"

    def __init__(self) -> None:
        super().__init__(
            "the node does not know under which name it is reached",
            why="Passkeys belong to a host name, and no other than the right one is answered.",
            hint="Give --public-url https://node.example, or set MNEMOSYNE_PUBLIC_URL.",
        )


@dataclass(frozen=True, slots=True)
class Place:
    """The addresses that are listened on, the port, the name, and the proxies before it."""

    hosts: tuple[str, ...]
    port: int
    public_url: str
    tls: bool
    proxies: Proxies
    proxied: bool
    origins: frozenset[str]

    @classmethod
    def of(
        cls,
        *,
        host: str,
        port: int,
        public_url: str = "",
        tls: bool = False,
        behind_proxy: Sequence[str] = (),
        origins: Sequence[str] = (),
    ) -> Self:
        """Return the place that was asked for.

        Raises:
            HostUnusableError: ``host`` is no address.
            OpenToOthersError: others would reach it without TLS.
            PublicUrlMissingError, AddressUnusableError: its name is missing, or is none.
            ProxyUnusableError: a proxy is named by something else than an address.
        """
        proxies = Proxies.parse(behind_proxy)
        hosts = _hosts(host)
        alone = all(ipaddress.ip_address(each).is_loopback for each in hosts)
        if not (alone or tls or behind_proxy):
            raise OpenToOthersError(host)
        if not public_url and (behind_proxy or not alone):
            raise PublicUrlMissingError
        found = cls(hosts, port, public_url, tls, proxies, bool(behind_proxy), frozenset(origins))
        found._check(found.address(port or 1))
        return found

    def address(self, port: int) -> Address:
        """Return how the node is reached, once it is known on which port it listens."""
        usual = f"{'https' if self.tls else 'http'}://{HOST_NAME}:{port}"
        return Address.parse(self.public_url or usual, self.origins)

    def remarks(self, port: int) -> Sequence[str]:
        """Return what may keep people from reaching it."""
        address = self.address(port)
        if self.proxied or address.port == port:
            return ()
        told = (
            f"It listens on port {port}, and its address says {address.port}: something has to "
            "pass requests on, with their Host as it is."
        )
        return (told,)

    def _check(self, address: Address) -> None:
        if self.tls and not address.secure:
            raise AddressUnusableError(self.public_url, "With a certificate it begins with https.")
        if address.secure and not (self.tls or self.proxied):
            raise AddressUnusableError(
                self.public_url,
                "For https there has to be a certificate, or a proxy that has one.",
                "Add --tls-cert and --tls-key, or --behind-proxy.",
            )
        if self.proxied and is_of_this_machine(address.host) and not self._alone():
            raise AddressUnusableError(self.public_url, "Other machines do not reach that name.")

    def _alone(self) -> bool:
        return all(ipaddress.ip_address(each).is_loopback for each in self.hosts)


def _hosts(host: str) -> tuple[str, ...]:
    """Return the addresses to listen on.

    A browser that looks for this machine may try its address of IPv6 first. Another account could
    listen there, on our port, and be taken for the node; so the node takes both.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise HostUnusableError(host) from error
    return (LOOPBACK, LOOPBACK_6) if str(address) == LOOPBACK else (str(address),)
