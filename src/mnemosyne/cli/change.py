"""Change a memory and keep it: another text, a newer one in its place, labels, pins, marks."""

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import documents, moments, options, showing, texts
from mnemosyne.cli.capture import Domains, Tags, Title, When, Words, fresh_key
from mnemosyne.cli.errors import NothingGivenError
from mnemosyne.cli.running import Shell, Work, run, shell_of
from mnemosyne.memories.model import Draft, Memory, Pin

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal

NewTitle = Annotated[
    str | None, typer.Option("--title", metavar="TEXT", help="Another title, or “”.")
]
Since = Annotated[
    str, typer.Option(metavar="DATE", help="From when on the new one holds; now, unless given.")
]
Undo = Annotated[bool, typer.Option("--undo", help="Let the older memory hold again.")]
Remove = Annotated[bool, typer.Option("--remove", help="Take them off instead.")]
Off = Annotated[bool, typer.Option("--off", help="Take the mark off again.")]
Automatic = Annotated[bool, typer.Option("--auto", help="Leave it to the rules again.")]
Labels = Annotated[list[str], typer.Argument(metavar="NAME", help="One name or several.")]


def edit(
    context: typer.Context,
    memory: options.Memory,
    words: Words = None,
    *,
    title: NewTitle = None,
    when: When = "",
    as_json: options.AsJson = False,
) -> None:
    """Give a memory another text, title or date; the earlier wording is kept as a version."""
    shell = shell_of(context)
    content = texts.given(words or ())
    occurred = moments.read(when, shell.node.zone, shell.node.now()) if when else None

    async def work(app: "Application", me: "Principal") -> Memory:
        if content is None and title is None and occurred is None:
            texts.given_or_awaited(())
            with texts.written((await app.memories.get(me, memory)).content) as text:
                changed = await app.revisions.edit(me, memory, content=text)
        else:
            changed = await app.revisions.edit(
                me, memory, content=content, title=title, occurred=occurred
            )
        tell(shell, changed, f"Changed; this is version {changed.version}.", as_json=as_json)
        await app.dispatcher.drain(shell.node.drain_seconds)
        return changed

    run(context, work)


def supersede(
    context: typer.Context,
    memory: options.Memory,
    words: Words = None,
    *,
    since: Since = "",
    title: Title = "",
    tags: Tags = None,
    domains: Domains = None,
    undo: Undo = False,
    key: options.Key = "",
    as_json: options.AsJson = False,
) -> None:
    """Let a new memory hold in place of an older one from a date on; both are kept."""
    shell = shell_of(context)
    if undo:
        return _changed(
            context, as_json, "It holds again.", lambda app, me: app.revisions.reopen(me, memory)
        )
    text = texts.given_or_awaited(words or ())
    begins = moments.beginning(since, shell.node.zone, shell.node.now()) if since else None

    async def work(app: "Application", me: "Principal") -> None:
        request = key or fresh_key(shell.node)
        with texts.given_or_written(text) as content:
            draft = Draft(
                content=content,
                title=title,
                tags=tuple(tags or ()),
                domains=tuple(domains or ()),
            )
            found = await app.revisions.supersede(me, memory, draft, request, since=begins)
        if as_json:
            shell.page.document(
                {
                    "created": found.created,
                    "old": documents.memory(found.old),
                    "new": documents.memory(found.new),
                }
            )
        else:
            begun = f"Since {moments.show_at(begins, shell.node.zone)}" if begins else "From now on"
            shell.page.line(f"{begun} the second holds; the first can be found as of its time.")
            if begins and _before_it_happened(found.old, begins, shell.node.zone):
                happened = moments.show(found.old.occurred)
                shell.page.line(f"That is before the first happened ({happened}).")
            shell.page.rule()
            showing.listed(shell.page, (found.old, found.new))
            shell.page.hint(f"mnemosyne get {showing.short(found.new.id)}")
        await app.dispatcher.drain(shell.node.drain_seconds)

    return run(context, work)


def _before_it_happened(old: Memory, begins: datetime, zone: tzinfo) -> bool:
    # The day itself is not before an hour of it.
    same_day = begins.astimezone(zone).date() == old.occurred.local().date()
    return begins < old.occurred.at and not same_day


def tag(
    context: typer.Context,
    memory: options.Memory,
    names: Labels,
    *,
    remove: Remove = False,
    as_json: options.AsJson = False,
) -> None:
    """Put tags on a memory, or take them off."""
    clean = [name.strip().removeprefix("#") for name in names]
    add, gone = ([], clean) if remove else (clean, [])
    said = "Untagged." if remove else "Tagged."
    _changed(
        context, as_json, said, lambda app, me: app.revisions.tag(me, memory, add=add, remove=gone)
    )


def domain(
    context: typer.Context,
    memory: options.Memory,
    names: Labels,
    *,
    remove: Remove = False,
    as_json: options.AsJson = False,
) -> None:
    """Say which domains a memory belongs to, or does not; no rule changes that back."""
    clean = [name.strip().casefold() for name in names]
    add, gone = ([], clean) if remove else (clean, [])
    said = "It is not of that domain." if remove else "It is of that domain."
    _changed(
        context,
        as_json,
        said,
        lambda app, me: app.revisions.set_domains(me, memory, add=add, remove=gone),
    )


def pin(
    context: typer.Context,
    memory: options.Memory,
    level: Annotated[
        Pin, typer.Argument(metavar="LEVEL", help="How strongly it is kept from fading.")
    ] = (Pin.PROTECTED),
    *,
    as_json: options.AsJson = False,
) -> None:
    """Keep a memory from fading in the ranking; “normal” takes the pin off."""
    _changed(
        context,
        as_json,
        f"Its pin is {level.value}.",
        lambda app, me: app.revisions.pin(me, memory, level),
    )


def never_share(
    context: typer.Context,
    memory: options.Memory,
    *,
    off: Off = False,
    as_json: options.AsJson = False,
) -> None:
    """Keep a memory from ever being shared."""
    said = "The mark is off." if off else "It will never be shared."
    _changed(
        context,
        as_json,
        said,
        lambda app, me: app.revisions.never_share(me, memory, mark=not off),
    )


def importance(
    context: typer.Context,
    memory: options.Memory,
    value: Annotated[
        float | None, typer.Argument(metavar="NUMBER", help="A number from 0 to 1.")
    ] = None,
    *,
    automatic: Automatic = False,
    as_json: options.AsJson = False,
) -> None:
    """Say how much a memory matters; your word counts above every rule."""
    if (value is None) is not automatic:
        raise NothingGivenError("say how much it matters", "Give a number from 0 to 1, or --auto.")
    said = "It is left to the rules." if value is None else "It matters as you said."
    _changed(
        context,
        as_json,
        said,
        lambda app, me: app.revisions.set_importance(me, memory, value),
    )


def clear_secret(
    context: typer.Context, memory: options.Memory, *, as_json: options.AsJson = False
) -> None:
    """Say that what was flagged in a text is no secret, until the text changes."""
    _changed(
        context,
        as_json,
        "It counts as no secret until its next edit.",
        lambda app, me: app.revisions.clear_secret(me, memory),
    )


def tell(shell: Shell, memory: Memory, said: str, *, as_json: bool) -> None:
    """Answer with what a memory is now."""
    if as_json:
        shell.page.document({"memory": documents.memory(memory)})
        return
    shell.page.line(said)
    shell.page.rule()
    showing.row(shell.page, memory)
    shell.page.hint(f"mnemosyne get {showing.short(memory.id)}")


def _changed(context: typer.Context, as_json: bool, said: str, change: Work[Memory]) -> None:
    tell(shell_of(context), run(context, change), said, as_json=as_json)
