"""Which web addresses an entry may name: https, and plain http on this machine alone."""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from mnemosyne.identity.syntax import LONGEST_URL

_LOCAL: Final = "localhost"


def too_long(url: object) -> bool:
    """Whether ``url`` is a text beyond the limit of the method."""
    return isinstance(url, str) and len(url.encode("utf-8")) > LONGEST_URL


def is_plain(text: object) -> bool:
    """Whether ``text`` has only visible ASCII, so that it shows what it is."""
    return isinstance(text, str) and all("!" <= letter <= "~" for letter in text) and text != ""


def is_uri(text: object) -> bool:
    """Whether ``text`` has a scheme and something behind it."""
    if not isinstance(text, str) or not is_plain(text):
        return False
    scheme, colon, rest = text.partition(":")
    return bool(
        colon
        and rest
        and scheme[:1].isalpha()
        and scheme.replace("+", "").replace("-", "").replace(".", "").isalnum()
    )


def is_web_address(url: object) -> bool:
    """Whether ``url`` is https, or http on a loopback host; without a name or a fragment."""
    if not isinstance(url, str) or not is_plain(url) or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or "#" in url:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == _LOCAL
