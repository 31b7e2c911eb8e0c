"""Every link of a page leads to a file of this repository, and to a heading that is there."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.house.tree import ROOT, files

FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
DEFINITION = re.compile(r"^\[[^\]]+\]:\s*<?(\S+?)>?\s*$", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def pages() -> list[Path]:
    """Return every page but the samples, which are imported and not read."""
    samples = ROOT / "samples"
    return [
        path
        for path in files()
        if path.suffix == ".md" and (path.parent == samples or samples not in path.parents)
    ]


def links(text: str) -> Iterator[str]:
    """Yield the targets of all links in ``text`` that stay inside the repository."""
    prose = CODE.sub("", FENCE.sub("", text))
    for pattern in (LINK, DEFINITION):
        for match in pattern.finditer(prose):
            if not ELSEWHERE.match(match[1]):
                yield unquote(match[1])


def anchors(text: str) -> set[str]:
    """Return what the headings of ``text`` are called in links."""
    found: set[str] = set()
    for match in HEADING.finditer(FENCE.sub("", text)):
        words = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "]", match[1]).lower())
        name = words.replace(" ", "-")
        number = next(n for n in range(len(found) + 1) if _numbered(name, n) not in found)
        found.add(_numbered(name, number))
    return found


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number}" if number else name


def problems(page: Path, text: str) -> list[str]:
    """Return the links of ``page``, which says ``text``, that do not lead to a place in here."""
    return [target for target in links(text) if not _leads_somewhere(page, text, target)]


def _leads_somewhere(page: Path, text: str, target: str) -> bool:
    name, _, anchor = target.partition("#")
    if not name:
        return anchor in anchors(text)
    there = (page.parent / name).resolve()
    if not there.is_relative_to(ROOT) or not there.exists():
        return False
    return not anchor or anchor in anchors(there.read_text("utf-8"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert problems(page, page.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "see [this](docs/no-such-page.md)",
        "see [this](docs/glossary.md#no-such-heading)",
        "see [this](#no-such-heading)",
        "see [this](../outside.md)",
        "see [this][page]\n\n[page]: docs/no-such-page.md",
        'see [this](docs/no-such-page.md "with a title")',
    ],
)
def test_a_link_that_leads_nowhere_is_found(text: str) -> None:
    assert len(problems(ROOT / "README.md", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "see [this](docs/glossary.md)",
        "see [this](docs/architecture.md#the-map-of-imports)",
        "# A `word`, twice\n\n# A `word`, twice\n\nsee [this](#a-word-twice-1)",
        "see [this](https://example.org/no-such-page.md)",
        "in code: `[this](no-such-page.md)`",
        "```\n[this](no-such-page.md)\n```\n",
    ],
)
def test_a_link_that_leads_somewhere_passes(text: str) -> None:
    assert problems(ROOT / "README.md", text) == []


def test_every_decision_stands_in_the_index_with_its_own_title() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "index.md").read_text("utf-8")
    listed = re.findall(r"^\| \[(\d{4})\]\((\S+)\) \| (.+?) \| \w+", index, re.MULTILINE)
    written = [
        (path.name[:4], path.name, path.read_text("utf-8").splitlines()[0])
        for path in sorted(folder.glob("[0-9]*.md"))
    ]

    assert [(number, name, f"# {number}. {title}") for number, name, title in listed] == written
