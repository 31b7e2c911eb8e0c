"""The address that a service of a DID document stands for, and a reference relative to it.

A reference comes from whoever wrote the link, and the answer is a redirect. So it may name a place
below the service's own origin and nothing else: RFC 3986 alone would let ``//elsewhere`` or a
scheme change the host, and what different servers read into ``..``, a backslash or an encoded
slash is not left to them.
"""

import re
from typing import Final
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from mnemosyne.identity.resolving_errors import ErrorType, ProblemError
from mnemosyne.identity.syntax import LONGEST_URL

_REFERENCE: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?#]|%[0-9A-Fa-f]{2})+")
_FRAGMENT: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})+")
_SCHEME: Final = re.compile(r"[^/?#]*:")  # a colon in the first segment: RFC 3986 §4.2
_DECODINGS: Final = 3
_CONTROLS: Final = frozenset({*range(0x20), 0x7F, ord("\\")})


def service_url(endpoint: object, reference: str | None, fragment: str | None) -> str:
    """Return where ``reference`` leads from a service's ``endpoint``.

    Raises:
        ProblemError: FEATURE_NOT_SUPPORTED for an endpoint that is no web address;
            INVALID_DID_URL for a reference that leaves it, or two fragments.
    """
    target = _web_address(endpoint)
    if reference is not None:
        check_reference(reference)
        joined = urljoin(target, reference)
        if urlsplit(joined)[:2] != urlsplit(target)[:2]:
            raise _refused("it leads to another host than the service's")
        target = joined
    return target if fragment is None else _with_fragment(target, fragment)


def check_reference(reference: str) -> None:
    """Refuse a relativeRef that could be read as anything but a place below an origin.

    Raises:
        ProblemError: INVALID_DID_URL.
    """
    if len(reference) > LONGEST_URL or not _REFERENCE.fullmatch(reference):
        raise _refused(f"it is not 1 to {LONGEST_URL} characters of a URL, others percent-encoded")
    if _SCHEME.match(reference):
        raise _refused("it has a scheme")
    if reference.startswith("//"):
        raise _refused("it names a host")
    if reference.count("#") > 1:
        raise _refused("it has two fragments")
    # A server may decode once more than it should: every reading has to be harmless.
    read = reference.partition("#")[0].encode("ascii")
    for _ in range(_DECODINGS):
        _check_reading(read)
        read = unquote_to_bytes(read)
    if read != unquote_to_bytes(read):
        raise _refused("it is percent-encoded over and over")
    _check_reading(read)


def _check_reading(read: bytes) -> None:
    path = read.partition(b"?")[0]
    try:  # some servers read a dot or slash into encodings that are longer than they need be
        read.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused("what it encodes is not UTF-8") from error
    if _CONTROLS.intersection(read):
        raise _refused("it holds a backslash or a control character")
    if b"//" in path:
        raise _refused("it has an empty segment")
    # RFC 3986 lets a segment carry parameters; some servers drop them before they look for dots.
    if any(segment.partition(b";")[0] in {b".", b".."} for segment in path.split(b"/")):
        raise _refused("it steps out of its folder with dots")


def _web_address(endpoint: object) -> str:
    if not isinstance(endpoint, str):
        message = "The service has no single address."
        raise ProblemError(ErrorType.FEATURE_NOT_SUPPORTED, message)
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    except ValueError:
        usable = False
    clean = endpoint.isascii() and endpoint.isprintable() and not set(' "<>\\') & set(endpoint)
    if usable and clean and len(endpoint) <= LONGEST_URL:
        return endpoint
    message = "The address of the service is no web address that can be followed."
    raise ProblemError(ErrorType.FEATURE_NOT_SUPPORTED, message)


def _with_fragment(target: str, fragment: str) -> str:
    if "#" in target:
        message = "The address of the service has a fragment of its own."
        raise ProblemError(ErrorType.INVALID_DID_URL, message)
    if not _FRAGMENT.fullmatch(fragment):
        raise ProblemError(ErrorType.INVALID_DID_URL, "The fragment is not one of a URL.")
    return f"{target}#{fragment}"


def _refused(why: str) -> ProblemError:
    return ProblemError(ErrorType.INVALID_DID_URL, f"relativeRef is refused: {why}.")
