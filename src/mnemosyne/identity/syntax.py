"""The syntax of did:mnem and of DID URLs. There is no normalisation: one DID has one spelling."""

import base64
import re
from dataclasses import dataclass
from typing import Final

from mnemosyne.identity.errors import InvalidDidError, InvalidDidUrlError

METHOD: Final = "did:mnem:1"
PREFIX: Final = "did:mnem:"
LONGEST_URL: Final = 2048
"""Bytes of a DID URL, a service endpoint, a mirror or another identifier."""

# Multibase b, then the multihash of SHA-256: 0x12 0x20 always begins "ciq", and its last bit, a
# zero, is the first of the five that the next letter stands for.
_MULTIHASH: Final = re.compile(r"bciq[a-p][a-z2-7]{51}")
_FRAGMENT: Final = re.compile(r"[A-Za-z0-9\-_]{1,64}")
# DID Core 1.0 §3.1.
_DID: Final = re.compile(
    r"did:[a-z0-9]+:(?:(?:[A-Za-z0-9.\-_]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9.\-_]|%[0-9A-Fa-f]{2})+"
)
# RFC 3986: segments of a path; the query and a fragment may hold "/" and "?" as well.
_PATH: Final = re.compile(r"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)*")
_QUERY: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*")
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class DidUrl:
    """A DID and what follows it. An absent fragment is None; the query keeps its order."""

    did: str
    path: str = ""
    query: tuple[tuple[str, str], ...] = ()
    fragment: str | None = None


def is_multihash(text: object) -> bool:
    """Whether ``text`` is the multihash of a SHA-256 digest in its one spelling."""
    if not isinstance(text, str) or not _MULTIHASH.fullmatch(text):
        return False
    # 55 base32 characters hold 275 bits, 34 bytes 272: the decoder ignores the three left over, so
    # eight spellings would mean one digest.
    data = base64.b32decode(text[1:].upper() + "=")
    return base64.b32encode(data).decode("ascii").rstrip("=").lower() == text[1:]


def is_mnem(text: object) -> bool:
    """Whether ``text`` is a did:mnem in its one spelling."""
    return isinstance(text, str) and text.startswith(PREFIX) and is_multihash(text[len(PREFIX) :])


def is_did(text: object) -> bool:
    """Whether ``text`` is a DID of any method; a did:mnem in its one spelling."""
    if not isinstance(text, str) or len(text) > LONGEST_URL or not _DID.fullmatch(text):
        return False
    return not text.startswith(PREFIX) or is_mnem(text)


def is_fragment(text: str) -> bool:
    """Whether ``text`` can be the fragment of a did:mnem."""
    return _FRAGMENT.fullmatch(text) is not None


def require_did(text: str) -> str:
    """Return ``text`` when it is a did:mnem in its one spelling.

    Raises:
        InvalidDidError: it is not; nothing is trimmed, folded or decoded first.
    """
    if is_mnem(text):
        return text
    if not text.startswith(PREFIX):
        raise InvalidDidError(text, "It does not start with did:mnem:")
    if _MULTIHASH.fullmatch(text[len(PREFIX) :]):
        raise InvalidDidError(text, "Its last character is mistyped: no hash ends so")
    raise InvalidDidError(
        text, "What follows did:mnem: is not bciq and 52 of the characters a–z and 2–7"
    )


def parse_did_url(text: str) -> DidUrl:
    """Return the parts of a DID URL of any method; a did:mnem in it is held to its one spelling.

    Raises:
        InvalidDidUrlError: it is too long or malformed.
        InvalidDidError: its DID is a did:mnem in another spelling.
    """
    if len(text) > LONGEST_URL:
        raise InvalidDidUrlError(text, f"It has more than {LONGEST_URL:,} characters")
    rest, hash_sign, fragment = text.partition("#")
    rest, _question_mark, query = rest.partition("?")
    did, slash, path = rest.partition("/")
    if did.startswith(PREFIX):
        require_did(did)
    elif not _DID.fullmatch(did):
        raise InvalidDidUrlError(text, "It does not start with a DID")
    if not _PATH.fullmatch(slash + path) or not _QUERY.fullmatch(query):
        raise InvalidDidUrlError(text, "Its path or query has characters that a URL does not have")
    if hash_sign and not _sound_fragment(did, fragment):
        raise InvalidDidUrlError(
            text, "Its fragment is empty, too long or has characters that it must not have"
        )
    return DidUrl(did, slash + path, _pairs(text, query), fragment if hash_sign else None)


def _sound_fragment(did: str, fragment: str) -> bool:
    if did.startswith(PREFIX):
        return is_fragment(fragment)
    return bool(fragment) and _QUERY.fullmatch(fragment) is not None


def _pairs(text: str, query: str) -> tuple[tuple[str, str], ...]:
    """Return names and values, percent-decoded. A plus sign stays what it is: this is no form."""
    pairs = []
    for part in filter(None, query.split("&")):
        name, _equals, value = part.partition("=")
        pairs.append((_decoded(text, name), _decoded(text, value)))
    return tuple(pairs)


def _decoded(text: str, part: str) -> str:
    try:
        return _PERCENT.sub(lambda m: bytes.fromhex(m[0].replace("%", "")).decode("utf-8"), part)
    except UnicodeDecodeError as error:
        raise InvalidDidUrlError(text, "What it percent-encodes is not UTF-8") from error
