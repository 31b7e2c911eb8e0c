"""Markdown notes, in a folder, a .zip or alone; a vault of Obsidian is read the same way."""

from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import PurePosixPath

from mnemosyne.memories.importing import dates, markup, plain_text, splitting
from mnemosyne.memories.importing.entry import (
    Entry,
    Problem,
    ProblemKind,
    ReadOptions,
)
from mnemosyne.memories.importing.files import Interpretation, TextFiles
from mnemosyne.memories.importing.front_matter import FrontMatter, separate, strings
from mnemosyne.memories.importing.parts import fitting_tags, fitting_title, in_thread
from mnemosyne.memories.importing.source_file import SourceFile
from mnemosyne.memories.model import JsonValue, MemoryType, Moment

MARKDOWN_SUFFIXES = (".md", ".markdown")
_DATE_KEYS = (
    "date", "created", "created_at", "date created", "date_created", "creation_date", "datetime",
    "day", "published", "timestamp",
)  # fmt: skip
_TAG_KEYS = ("tags", "tag", "keywords")
_ALIAS_KEYS = ("aliases", "alias")
_URL_KEYS = ("url", "source_url", "link")


def markdown_files(options: ReadOptions) -> TextFiles:
    """Return the format of Markdown notes, and of plain text that lies beside them."""
    interpreters = dict.fromkeys(MARKDOWN_SUFFIXES, note)
    return TextFiles("markdown", {**interpreters, ".txt": plain_text.note}, options)


def obsidian_files(options: ReadOptions) -> TextFiles:
    """Return the format of an Obsidian vault, whose notes are the .md files alone."""
    return TextFiles("obsidian", {".md": note}, options)


@dataclass(frozen=True, slots=True)
class _Dated:
    """When a note happened, and what says so."""

    occurred: Moment | None
    said_by: str
    problem: str = ""


def note(file: SourceFile, text: str, options: ReadOptions) -> Interpretation:
    """Return the memories of one note: its text verbatim, its front matter kept beside it."""
    front = separate(text, options.limits.front_matter)
    dated = _dated(file, front, options)
    whole = _whole(file, front, dated, options)
    reasons = [reason for reason in (front.problem, dated.problem) if reason]
    if not front.body.strip():  # nothing but front matter: then that is the text
        whole = replace(whole, text=text)
        parts: tuple[Entry, ...] = (whole,)
    else:
        parts = _parts(whole, front, options)
    problems = (Problem(ProblemKind.UNDERSTOOD_AS_TEXT, file.name, reason) for reason in reasons)
    return in_thread(whole, parts), tuple(problems)


def _whole(file: SourceFile, front: FrontMatter, dated: _Dated, options: ReadOptions) -> Entry:
    limits = options.limits
    named = strings(_first(front, ("title",)))
    title = (named[0] if named else "") or markup.first_title(front.body)
    attributes: dict[str, JsonValue] = {"path": file.name, "date_from": dated.said_by}
    if front.verbatim:
        attributes["front_matter"] = front.verbatim
    if aliases := strings(_first(front, _ALIAS_KEYS), ","):
        attributes["aliases"] = list(aliases[: limits.marks])
    urls = strings(_first(front, _URL_KEYS))
    return Entry(
        text=front.body,
        source_id=file.name,
        title=fitting_title(title or PurePosixPath(file.name).stem, limits.title_characters),
        occurred=dated.occurred,
        tags=fitting_tags(strings(_first(front, _TAG_KEYS), ", "), limits),
        url=urls[0] if urls and urls[0].startswith(("https://", "http://")) else "",
        attributes=attributes,
    )


def _first(front: FrontMatter, keys: tuple[str, ...]) -> JsonValue:
    return next((front.values[key] for key in keys if front.values.get(key)), None)


def _dated(file: SourceFile, front: FrontMatter, options: ReadOptions) -> _Dated:
    """Look for a date in the front matter, then in the name; the file's own time comes last."""
    problem = ""
    for key in _DATE_KEYS:
        if not (written := strings(front.values.get(key))):
            continue
        if occurred := dates.parse(written[0], options.zone):
            return _Dated(occurred, f"front matter: {key}")
        problem = problem or f"the date under “{key}” cannot be told for certain"
    if occurred := dates.from_name(file.name, options.zone):
        return _Dated(occurred, "file name", problem)
    return _Dated(Moment(file.modified) if file.modified else None, "mtime", problem)


def _parts(whole: Entry, front: FrontMatter, options: ReadOptions) -> tuple[Entry, ...]:
    sizes = splitting.Sizes(largest=options.limits.memory)
    days = _days(front.body, whole, options)
    found: list[Entry] = []
    for (start, occurred), (end, _) in pairwise([*days, (len(front.body), None)]):
        texts = splitting.split(front.body[start:end], sizes)
        kind = MemoryType.NOTE if len(texts) == 1 else MemoryType.DOCUMENT
        dated = replace(whole, type=kind) if occurred is None else _on(whole, occurred, kind)
        found.extend(_part(dated, text, options) for text in texts)
    linked = markup.distinct((*markup.links(front.verbatim), *found[0].links), options.limits.marks)
    others = {key: value for key, value in whole.attributes.items() if key != "front_matter"}
    return (
        replace(found[0], links=linked),
        *(
            replace(part, attributes={**others, "date_from": part.attributes["date_from"]})
            for part in found[1:]
        ),
    )


def _on(whole: Entry, occurred: Moment, kind: MemoryType) -> Entry:
    attributes = {**whole.attributes, "date_from": "heading"}
    return replace(whole, occurred=occurred, type=kind, attributes=attributes)


def _days(body: str, whole: Entry, options: ReadOptions) -> list[tuple[int, Moment | None]]:
    """Return where the days of a diary begin, the first at 0; any other text is one piece.

    A single dated heading dates the note when nothing else but the file's own time does.
    """
    dated = (
        (line.start, occurred)
        for line in markup.lines(body)
        if line.kind is markup.Kind.HEADING
        and (occurred := dates.from_heading(line.title, options.zone))
    )
    days = list(islice(dated, options.limits.days + 1))
    if not days or len(days) > options.limits.days:
        return [(0, None)]
    (first, occurred), *later = days
    on_top = not body[:first].strip()
    if not later:
        alone = on_top and whole.attributes["date_from"] == "mtime"
        return [(0, occurred if alone else None)]
    return [(0, occurred), *later] if on_top else [(0, None), *days]


def _part(dated: Entry, text: str, options: ReadOptions) -> Entry:
    prose = markup.prose(text)
    own = fitting_tags(markup.tags(prose), options.limits)
    return replace(
        dated,
        text=text,
        title=_title(dated.title, text, options),
        tags=markup.distinct((*dated.tags, *own), options.limits.marks),
        links=markup.distinct(markup.links(prose), options.limits.marks),
    )


def _title(title: str, text: str, options: ReadOptions) -> str:
    """Add the heading that a part begins with to the title of its note."""
    begins = next((line for line in markup.lines(text) if line.kind is not markup.Kind.BLANK), None)
    if begins is None or not begins.title or begins.title == title:
        return title
    return fitting_title(f"{title} – {begins.title}", options.limits.title_characters)
