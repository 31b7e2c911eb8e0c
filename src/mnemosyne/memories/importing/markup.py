"""What Markdown means for a memory: headings, paragraphs, tags and links, outside of code."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import PurePosixPath
from urllib.parse import unquote

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|$)(.*)")
_CODE_SPAN = re.compile(r"(?<!`)(`{1,3})(?!`)[^\n]{1,2000}?(?<!`)\1(?!`)")
_TAG = re.compile(r"(?<!\S)#([\w/-]+)")
_WIKILINK = re.compile(r"\[\[([^\[\]|#^\n]{1,500})(?:[|#^][^\[\]\n]{0,500})?\]\]")
_LINK = re.compile(r"\]\((?!\w+:)<?([^()<>\n]{1,500}?\.(?:md|markdown))(?:#[^()<>\n]{0,200})?>?\)")


class Kind(Enum):
    """What a line is."""

    TEXT = auto()
    BLANK = auto()
    HEADING = auto()
    CODE = auto()  # inside a fence, the fences included


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text: where it starts and ends (its line end included), and what it is."""

    start: int
    end: int
    kind: Kind
    level: int = 0
    title: str = ""


def lines(text: str) -> Iterator[Line]:
    """Yield the lines of ``text``, knowing which are inside a code fence."""
    start = 0
    fence = ""
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        # The beginning tells the kind; the rest of a very long line is not copied for it.
        head = text[start : min(end, start + 1000)].rstrip("\n")
        mark = _FENCE.match(head)
        if fence:
            yield Line(start, end, Kind.CODE)
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
        elif mark and not ("`" in mark[1] and "`" in mark[2]):
            fence = mark[1]
            yield Line(start, end, Kind.CODE)
        elif heading := _HEADING.match(head):
            yield Line(start, end, Kind.HEADING, len(heading[1]), _heading_title(heading[2]))
        else:
            yield Line(start, end, Kind.TEXT if head.strip() else Kind.BLANK)
        start = end


def _heading_title(written: str) -> str:
    title = written.strip()
    without_marks = title.rstrip("#")
    closed = not without_marks or without_marks[-1] in " \t"
    return without_marks.rstrip() if closed else title


def plain_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a text that is no Markdown: blank or not."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield Line(start, end, Kind.BLANK if text[start:end].isspace() else Kind.TEXT)
        start = end


def prose(text: str) -> str:
    """Return ``text`` without code fences and code spans."""
    outside = (text[line.start : line.end] for line in lines(text) if line.kind is not Kind.CODE)
    return _CODE_SPAN.sub(" ", "".join(outside))


def first_title(text: str) -> str:
    """Return the first heading of level one, or nothing."""
    headings = (line for line in lines(text) if line.kind is Kind.HEADING)
    return next((line.title for line in headings if line.level == 1 and line.title), "")


def tags(prose_text: str) -> Iterator[str]:
    """Yield the #tags of a text without code; a number alone is no tag."""
    for match in _TAG.finditer(prose_text):
        tag = match[1].strip("/-")
        if tag and not tag.isdecimal():
            yield tag


def links(prose_text: str) -> Iterator[str]:
    """Yield the notes that a text without code points to, by name: no alias, heading or suffix."""
    for match in _WIKILINK.finditer(prose_text):
        yield from _note(match[1])
    for match in _LINK.finditer(prose_text):
        yield from _note(unquote(match[1]))


def _note(target: str) -> Iterator[str]:
    path = PurePosixPath(target.strip())
    if path.suffix.lower() in {".md", ".markdown"}:
        yield str(path.with_suffix(""))
    elif not _is_file(path.suffix) and target.strip():
        yield target.strip()


def _is_file(suffix: str) -> bool:
    """Tell ``picture.png`` from a note that is called “St. Gallen” or “v1.5”."""
    return bool(re.fullmatch(r"\.[A-Za-z][A-Za-z0-9]{1,4}", suffix))


def distinct(words: Iterable[str], most: int) -> tuple[str, ...]:
    """Return each word once, in order, at most ``most`` of them."""
    found: dict[str, None] = {}
    for word in words:
        found.setdefault(word)
        if len(found) == most:
            break
    return tuple(found)
