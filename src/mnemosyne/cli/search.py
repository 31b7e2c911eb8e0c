"""Ask a question and be answered with memories, each with the reasons for its place."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from mnemosyne.cli import documents, options, showing
from mnemosyne.cli.options import Narrowing
from mnemosyne.cli.order_names import OrderName
from mnemosyne.cli.output import Page, flat, how_many
from mnemosyne.cli.running import run, shell_of
from mnemosyne.kit.text import excerpt, safe_cut, visible

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal
    from mnemosyne.memories.search.explanation import Explanation
    from mnemosyne.memories.service.answering import Hit
    from mnemosyne.memories.service.search import SearchResult

_WINDOW: Final = 200
_BEFORE: Final = 60
_WORD: Final = re.compile(r"\w+")
_SAME: Final = 4  # characters by which an inflected word is taken for the one that was asked

Question = Annotated[list[str], typer.Argument(metavar="QUESTION", help="In your own words.")]
OrderBy = Annotated[OrderName, typer.Option("--order", help="By how well it fits, or by time.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show the parts that make each score.")]
Diverse = Annotated[bool, typer.Option("--diverse", help="Leave out what says nearly the same.")]


def search(
    context: typer.Context,
    question: Question,
    *,
    after: options.After = "",
    before: options.Before = "",
    as_of: options.AsOf = "",
    known_at: options.KnownAt = "",
    domain: options.Domain = "",
    tag: options.Tag = "",
    source: options.Source = "",
    kind: options.Type = None,
    person: options.Who = "",
    min_importance: options.MinImportance = None,
    order: OrderBy = OrderName.SCORE,
    explain: Explain = False,
    diverse: Diverse = False,
    limit: options.SearchLimit = 10,
    cursor: options.CursorText = "",
    as_json: options.AsJson = False,
) -> None:
    """Find memories by words, meaning and time."""
    from mnemosyne.memories.service.answering import Request, SearchOrder  # noqa: PLC0415 - brings the index

    shell = shell_of(context)
    wanted = Narrowing(
        after=after,
        before=before,
        as_of=as_of,
        known_at=known_at,
        domain=domain,
        tag=tag,
        source=source,
        person=person,
        min_importance=min_importance,
        type=kind,
    )
    text = " ".join(question)
    request = Request(limit, cursor, SearchOrder(order.searched), diverse)

    async def work(app: "Application", me: "Principal") -> None:
        narrowed = await wanted.filter(shell.node, app, me)
        result = await app.search.search(me, text, narrowed, request)
        if as_json:
            shell.page.document(_document(result))
        elif result.hits:
            _show(shell.page, result, explain=explain)
        elif wanted.empty and not await app.memories.count(me, narrowed):
            shell.page.line("Nothing is remembered yet, so nothing can be found.")
            shell.page.hint('mnemosyne capture "…"   or   mnemosyne import FOLDER')
        else:
            shell.page.line("Nothing fits.")
            _say_how(shell.page, result)
            shell.page.hint("Ask in other words, or leave out an option.")

    run(context, work)


def _show(page: Page, result: "SearchResult", *, explain: bool) -> None:
    page.rule()
    if not _words_found(result):
        page.line("None of these has a word of the question; they are nearest in meaning.")
    for hit in result.hits:
        because = hit.explanation
        found = _excerpt(showing.below_title(hit.memory), (*because.matched, *because.nearby))
        showing.row(page, hit.memory, found, note=f"score {hit.score:.2f}")
        if explain:
            page.body(_reasons(because), indent=showing.COLUMN)
    _say_how(page, result)
    first = showing.short(result.hits[0].memory.id)
    if result.next_cursor:
        page.hint(f"more: the same with --cursor {result.next_cursor}")
    page.hint(f"mnemosyne get {first}" + ("" if explain else "   or add --explain"))


def _words_found(result: "SearchResult") -> bool:
    return any(hit.explanation.matched or hit.explanation.nearby for hit in result.hits)


def _say_how(page: Page, result: "SearchResult") -> None:
    if result.problem:
        page.hint(f"Searched by {result.searched.value}. {flat(result.problem)}")
    elif result.searched.value == "words":
        page.hint("Searched by words; `mnemosyne reindex` adds search by meaning.")
    elif result.waiting:
        page.hint(f"Compared by words, for want of a vector: {how_many(result.waiting)}.")


def _reasons(because: "Explanation") -> Text:
    parts = "  ".join(f"{name} {value:+.3f}" for name, value in because.parts)
    lines = [f"{parts}  = {because.score:.3f}"]
    if because.matched:
        lines.append("words: " + ", ".join(map(flat, because.matched)))
    if because.nearby:
        lines.append("words beside it: " + ", ".join(map(flat, because.nearby)))
    if because.similarity is not None:
        lines.append(f"similarity: {because.similarity:.3f}")
    return Text("\n".join(lines), "quiet")


def _excerpt(content: str, words: Sequence[str]) -> Text:
    """Return the part of a text where the first word stands, with every word emphasised."""
    stems = {word.casefold() for word in words}
    first = next((m.start() for m in _WORD.finditer(content) if _fits(m[0], stems)), 0)
    start = 0
    if first > _WINDOW - _BEFORE:
        space = content.rfind(" ", 0, first - _BEFORE // 2)
        start = space + 1 if space > first - _BEFORE else safe_cut(content, first - _BEFORE)
    shown = ("…" if start else "") + excerpt(content[start:], _WINDOW)
    text = Text(visible(shown))
    for match in _WORD.finditer(text.plain):
        if _fits(match[0], stems):
            text.stylize("match", match.start(), match.end())
    return text


def _fits(word: str, stems: set[str]) -> bool:
    folded = word.casefold()
    return folded in stems or any(
        len(stem) >= _SAME and folded.startswith(stem[: max(_SAME, len(stem) - 2)])
        for stem in stems
    )


def _document(result: "SearchResult") -> dict[str, object]:
    return {
        "hits": [_hit(each) for each in result.hits],
        "next_cursor": result.next_cursor,
        "searched": result.searched.value,
        "words_found": _words_found(result),
        "problem": result.problem,
        "waiting": result.waiting,
    }


def _hit(hit: "Hit") -> dict[str, object]:
    because = hit.explanation
    return {
        "score": hit.score,
        "memory": documents.memory(hit.memory),
        "explanation": {
            "parts": dict(because.parts),
            "matched": list(because.matched),
            "nearby": list(because.nearby),
            "similarity": because.similarity,
            "neighbours": list(hit.neighbours),
        },
    }
