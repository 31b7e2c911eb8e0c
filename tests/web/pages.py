"""Read a page with the standard library's parser, and say what is wrong with its form."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from itertools import pairwise
from typing import Final

VOID: Final = frozenset({"br", "hr", "img", "input", "link", "meta", "path", "rect"})
LABELLED: Final = frozenset({"input", "select", "textarea"})
NAMED: Final = frozenset({"a", "button", "summary", "h1", "h2", "h3", "h4"})


@dataclass
class Element:
    """An element with its attributes, its text, and those it lies in."""

    name: str
    attributes: dict[str, str]
    inside: tuple[str, ...]
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return all text in it."""
        return "".join(self.texts)


@dataclass
class Page(HTMLParser):
    """Every element of a page in its order, and each fault of its form."""

    elements: list[Element] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @classmethod
    def read(cls, html: str) -> "Page":
        """Read a page to its end."""
        page = cls()
        page.feed(html)
        page.close()
        page.faults += [f"<{each.name}> is not closed" for each in page.open]
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, and what it lies in."""
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        inside = tuple(each.name for each in self.open)
        made = Element(tag, {name: value or "" for name, value in attrs}, inside)
        self.elements.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element of SVG that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note that an element is closed, which has to be the one that was opened last."""
        if not self.open or self.open[-1].name != tag:
            self.faults.append(f"</{tag}> closes nothing")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        """Give text to every element that is open."""
        for each in self.open:
            each.texts.append(data)

    def all(self, *names: str) -> Iterator[Element]:
        """Yield the elements of these names."""
        return (each for each in self.elements if each.name in names)

    @cached_property
    def text(self) -> str:
        """Return what is there to be read, in single spaces."""
        return " ".join(next(self.all("body")).text.split())


def faults_of(page: Page) -> list[str]:
    """Return everything wrong with a page's form, for readers, keyboards and policies."""
    return [
        *page.faults,
        *_inline(page),
        *_identifiers(page),
        *_headings(page),
        *_labels(page),
        *_names(page),
        *_head(page),
    ]


def _inline(page: Page) -> Iterator[str]:
    for each in page.elements:
        for name, value in each.attributes.items():
            if name.startswith("on") or name == "style":
                yield f"<{each.name} {name}> is code or style in the page"
            if name in {"href", "src", "action"} and _is_foreign(value):
                yield f"<{each.name} {name}={value}> leads out of the node"
        if each.name == "style" or (each.name == "script" and "src" not in each.attributes):
            yield f"an inline <{each.name}>"
        if each.name == "script" and each.attributes.get("type") != "module":
            yield "a script that is no module"


def _is_foreign(address: str) -> bool:
    return not (address.startswith(("/", "#")) and not address.startswith("//"))


def _identifiers(page: Page) -> Iterator[str]:
    found = Counter(each.attributes["id"] for each in page.elements if "id" in each.attributes)
    yield from (f"two elements are #{each}" for each, times in found.items() if times > 1)
    for each in page.elements:
        for name in ("for", "aria-describedby", "aria-labelledby"):
            for named in each.attributes.get(name, "").split():
                if named not in found:
                    yield f"{name}={named} names nothing"
        address = each.attributes.get("href", "")
        if address.startswith("#") and address[1:] not in found:
            yield f"{address} leads nowhere"


def _headings(page: Page) -> Iterator[str]:
    # A template takes the place of the page's text, so its headings are no part of this page.
    levels = [
        int(each.name[1])
        for each in page.all("h1", "h2", "h3", "h4", "h5", "h6")
        if "template" not in each.inside
    ]
    if levels.count(1) != 1 or levels[0] != 1:
        yield f"the headings do not begin with the only first one: {levels}"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"a heading of level {after} follows one of level {before}"


def _labels(page: Page) -> Iterator[str]:
    labelled = {each.attributes["for"] for each in page.all("label") if "for" in each.attributes}
    for each in page.all(*LABELLED):
        known = each.attributes.get("id") in labelled or "label" in each.inside
        if not known and each.attributes.get("type") != "hidden":
            yield f"<{each.name} name={each.attributes.get('name')}> has no label"


def _names(page: Page) -> Iterator[str]:
    for each in page.all(*NAMED):
        if not each.text.strip() and "aria-label" not in each.attributes:
            yield f"<{each.name}> says nothing"


def _head(page: Page) -> Iterator[str]:
    if next(page.all("html")).attributes.get("lang") != "en":
        yield "the language is not said"
    if len(list(page.all("main"))) != 1 or len(list(page.all("title"))) != 1:
        yield "there is not one <main> and one <title>"
