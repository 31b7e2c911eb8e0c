"""Texts that try to act on a terminal, to hide, or to be read as markup."""

import re
from typing import Final

HOSTILE: Final = {
    "colour": "before \x1b[31mred\x1b[0m after",
    "title": "\x1b]0;owned\x07 window title",
    "link": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\ here",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07 pasted",
    "cursor": "\x1b[2J\x1b[1;1H cleared",
    "c1": "csi \x9b31m in one byte, osc \x9d0;x\x9c",
    "markup": "[bold red]loud[/bold red] [link=https://evil.example]here[/link] [/]",
    "emoji-code": "a :smiley: and [blink]blinking[/blink]",
    "bidi": "user\u202egnp.exe \u2066isolated\u2069 \u200fmark",
    "nul": "nul \x00 and escape \x1b alone",
    "zero-width": "pass\u200bword \ufeff \u2060 joined",
    "carriage": "safe\rrm -rf\x08\x08\x7f",
    "tag-characters": "hidden \U000e0041\U000e0042\U000e0043 text",
    "vertical": "one\x0btwo\x0cthree\x85four\u2028five",
    "long": "wide " * 3_000 + "x" * 5_000,
    "wide": "記憶は水のように流れる。" * 20 + " 👩‍👩‍👧‍👦🏳️‍🌈",
    "format": "%s %n {0} ${HOME} `id` $(id) \\x1b[31m",
}

SHORT: Final = (
    "[bold]m[/bold] [link=https://evil.example]l[/link] \x1b[31mr \x1b]8;;x\x07 \x9b1m \u202eb "
    "\u200bz \x00n \x7fd \x08 :smiley: 記"
)
"""A little of each, short enough for a tag or a name."""
ALL: Final = "\n".join(HOSTILE.values())

_DANGEROUS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\U000e0000-\U000e007f]"
)
_STYLE: Final = re.compile(r"\x1b\[[0-9;]*m")

_BAR: Final = re.compile(r"\x1b\[\?25[lh]|\x1b\[2K|\x1b\[1A|\r")


def dangerous(printed: str) -> list[str]:
    """Return what could act on a terminal, each with what stands around it."""
    return [
        repr(printed[max(0, m.start() - 20) : m.end() + 20]) for m in _DANGEROUS.finditer(printed)
    ]


def without_styles(printed: str) -> str:
    """Take away the colours that the page itself sets."""
    return _STYLE.sub("", printed)


def without_progress(printed: str) -> str:
    """Take away how a bar is drawn over itself, and the colours."""
    return _BAR.sub("", without_styles(printed))
