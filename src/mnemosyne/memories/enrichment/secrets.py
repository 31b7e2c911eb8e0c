"""Find keys, tokens and passwords in a text, so that it does not leave the node unseen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mnemosyne.memories.enrichment.secret_patterns import (
    PRIVATE_KEY,
    PRIVATE_KEY_END,
    SecretPattern,
    possible_assignments,
    possible_forms,
)
from mnemosyne.memories.model import SecretState

# Patterns of the library may look back over all they read, so long lines are read in pieces that
# overlap by more than a token is long.
_PIECE = 4096
_OVERLAP = 1024
_TOKEN = re.compile(r"[0-9A-Za-z_.+/=~-]*")
_LONGEST_KEY_BLOCK = 16 * 1024
_TRAILING = ".,;:!?)]}…"
_PLACEHOLDER = re.compile(
    r"\[[^\]]*\]?|<[^>]*>?|\{.*|\$\{?[A-Z_]+\}?|%\w.*|[*•x._-]{3,}"
    r"|(?:os|process)\.env.*|getenv.*|none|null|true|false|undefined|optional|required"
    r"|forgotten|changed|unknown|reset|same|hidden|secret|password|string|https?:.*",
    re.IGNORECASE,
)
_ALONE = re.compile(r"[ \t]*(?:\n|$)")
_LABEL = re.compile(r"(?:^|\n)[ \t>*#•-]{0,6}(?:[\w.@-]{1,30}[ \t]{1,2}){0,3}$")


@dataclass(frozen=True, slots=True)
class SecretSpan:
    """A secret in ``text[start:end]`` and what kind it is, in words."""

    start: int
    end: int
    kind: str


def inspect(text: str) -> tuple[SecretSpan, ...]:
    """Return the secrets in ``text``, in order; they do not overlap. Safe to call from threads."""
    found = [*_private_keys(text), *_assignments(text), *_tokens(text)]
    found.sort(key=lambda span: (span.start, -span.end))
    kept: list[SecretSpan] = []
    for span in found:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
        elif span.end > kept[-1].end:
            kept[-1] = SecretSpan(kept[-1].start, span.end, kept[-1].kind)
    return tuple(kept)


def redact(text: str) -> str:
    """Return ``text`` with each secret replaced by a word in brackets that names its kind."""
    parts, place = [], 0
    for span in inspect(text):
        parts += [text[place : span.start], f"[{span.kind} removed]"]
        place = span.end
    return "".join((*parts, text[place:]))


def checked(text: str, state: SecretState) -> SecretState:
    """Return the state of ``text`` after a look at it; what its person cleared stays cleared.

    An edit makes a text unchecked, whatever it was.
    """
    if state is SecretState.CLEARED:
        return state
    return SecretState.FLAGGED if inspect(text) else SecretState.CLEAR


def _private_keys(text: str) -> Iterator[SecretSpan]:
    place = 0
    while begun := PRIVATE_KEY.search(text, place):
        limit = begun.end() + _LONGEST_KEY_BLOCK
        ended = PRIVATE_KEY_END.search(text, begun.end(), limit)
        place = ended.end() if ended else min(limit, len(text))
        yield SecretSpan(begun.start(), place, "Private Key")


def _tokens(text: str) -> Iterator[SecretSpan]:
    present = possible_forms(text)
    if not present:
        return
    for start, piece in _pieces(text):
        for form in present:
            if any(part in piece for part in form.needs):
                yield from _of_form(text, start, piece, form)


def _of_form(text: str, start: int, piece: str, form: SecretPattern) -> Iterator[SecretSpan]:
    reach = 0
    for match in form.pattern.finditer(piece):
        group = match.lastindex if match.lastindex == 1 and match[1] else 0
        if not _plausible(form.kind, match[group]):
            continue
        end = start + match.end(group)
        if end > reach:  # otherwise it is a part of what was found before
            reach = _whole(text, end)
        yield SecretSpan(start + match.start(0 if form.kind in _WHOLE else group), reach, form.kind)


def _whole(text: str, end: int) -> int:
    """Return where the token ends of which a part ends at ``end``."""
    rest = _TOKEN.match(text, end, end + _LONGEST_KEY_BLOCK)
    return rest.end() if rest else end


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of ``text`` with where they start, long ones in overlapping pieces."""
    place = 0
    for line in text.splitlines(keepends=True):
        for start in range(0, max(len(line) - _OVERLAP, 1), _PIECE - _OVERLAP):
            yield place + start, line[start : start + _PIECE]
        place += len(line)


_WHOLE = frozenset({"GitHub Token", "GitLab Token"})
"""Their first group is a prefix, not the secret."""


def _plausible(kind: str, value: str) -> bool:
    if kind == "Artifactory Credentials":
        return any(map(str.isdigit, value))  # APFELKUCHEN is none
    if kind == "JSON Web Token":
        return value.count(".") >= 1 and len(value) >= 40  # noqa: PLR2004 - header and body
    if kind == "Basic Auth Credentials":
        return not _PLACEHOLDER.fullmatch(value)
    return True


def _assignments(text: str) -> Iterator[SecretSpan]:
    for kind, pattern in possible_assignments(text):
        for match in pattern.finditer(text):
            span = _assigned(text, kind, match)
            if span is not None:
                yield span


def _assigned(text: str, kind: str, match: re.Match[str]) -> SecretSpan | None:
    quoted = next((n for n in ("double", "single") if match.groupdict().get(n)), "")
    start, end = match.span(quoted or "bare")
    value = text[start:end] if quoted else text[start:end].rstrip(_TRAILING + "\"'`")
    # A password may end in “!”; a sentence that ends in one is left to the other signs.
    if not quoted and text[start:end].endswith("!") and _strong(value):
        value = text[start:end]
    if kind == "PIN":
        return SecretSpan(start, end, kind)
    if len(value) < 4 or _PLACEHOLDER.fullmatch(value):  # noqa: PLR2004 - shorter are words
        return None
    assigned = "=" in match["sign"] or quoted
    alone = _ALONE.match(text, end) and _LABEL.search(
        text[max(0, match.start() - 100) : match.start()]
    )
    if kind == "Password":
        ended = text[start:end][-1] in ".,;"
        likely = _strong(value) or assigned or (alone and ":" in match["sign"] and not ended)
    else:
        likely = _strong(value) if not assigned else len(value) >= 6  # noqa: PLR2004 - "key = five"
    return SecretSpan(start, start + len(value), kind) if likely else None


def _strong(value: str) -> bool:
    """Tell whether a word looks made up: digits among letters, signs inside, capitals inside."""
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    signs = any(not c.isalnum() and c not in "-'’/." for c in value[1:])
    return (letters and digits) or (digits and len(value) >= 4) or (letters and signs)  # noqa: PLR2004
