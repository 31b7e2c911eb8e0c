"""Text as it is stored, measured and shown: verbatim inside, harmless on a terminal."""

import re
from dataclasses import dataclass

CONTENT_BYTES = 1024 * 1024  # a memory holds 1 character to 1 MiB of UTF-8
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

# What moves the cursor, changes colours, turns the direction of text, or hides. Joiners (U+200C,
# U+200D) stay where scripts and emoji need them: one between two characters beyond Latin. A run of
# them joins nothing and could carry a hidden text.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![^\x00-\u02ff\u200c\u200d\\s])[\u200c\u200d]"
    "|[\u200c\u200d](?![^\x00-\u02ff\u200c\u200d\\s])"
)
_SPACES = re.compile(r"\s+")
# A cut in front of these would tear a visible character apart.
_CONTINUES = re.compile(
    "[\u0300-\u036f\u0590-\u05bd\u064b-\u0652\u093c-\u094d\u200c\u200d\u20d0-"
    "\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U0001f3fb-\U0001f3ff]"
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text that can be stored, and how many of its characters could not."""

    text: str
    replaced: int


def normalise(text: str) -> Normalised:
    """Give every line the same end and replace NUL and lone surrogates; change nothing else."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _SURROGATE.search(text):
        # Two halves that stand together are one character, written by an old encoder.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return Normalised(*_UNSTORABLE.subn(REPLACEMENT, text))


def utf8_size(text: str) -> int:
    """Return the size in bytes of ``text`` as UTF-8; lone surrogates count as replaced."""
    return len(text.encode("utf-8", "surrogatepass"))


def visible(text: str) -> str:
    """Show control, bidirectional and other invisible characters as signs; keep line ends and tabs.

    What comes out can be printed to a terminal and encoded as UTF-8.
    """
    return _INVISIBLE.sub(_sign, text)


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < ord(" "):
        return chr(0x2400 + code)  # the block “Control Pictures”
    if match[0] == "\x7f":
        return "␡"
    return f"⟨U+{code:04X}⟩"


def excerpt(text: str, limit: int) -> str:
    """Return the beginning of ``text`` on one line, at most ``limit`` characters, “…” included."""
    # Only as much as can matter is looked at: the text may be a megabyte of white space.
    line = _SPACES.sub(" ", text[: 8 * limit + 1024]).strip()
    if len(line) <= limit:
        return line
    end = safe_cut(line, limit - 1)
    space = line.rfind(" ", end * 2 // 3, end + 1)
    return line[: space if space > 0 else end].rstrip() + "…"


def safe_cut(text: str, at: int) -> int:
    """Return the last place at or before ``at`` that leaves visible characters whole.

    Long runs of joined characters are cut all the same: 32 characters back is as far as it looks.
    """
    for place in range(at, max(at - 32, 0), -1):
        if place >= len(text):
            return len(text)
        if not _CONTINUES.match(text, place) and text[place - 1] != "\u200d":
            return place
    return at
