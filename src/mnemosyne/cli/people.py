"""The people list: who is known, under which names."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import documents, options
from mnemosyne.cli.output import flat, said
from mnemosyne.cli.running import Work, run, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.contacts.model import Contact
    from mnemosyne.identity.log import History
    from mnemosyne.kit.principal import Principal

    Histories = Mapping[str, History]

Name = Annotated[str, typer.Argument(metavar="NAME", help="The name, or any name they go by.")]
Aliases = Annotated[
    list[str] | None,
    typer.Option("--alias", metavar="NAME", help="Another name; one or several."),
]


def list_people(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Show everyone on your list with every name they go by."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "tuple[list[Contact], Histories]":
        everyone = await app.contacts.everyone(me)
        dids = [each.did for each in everyone if each.did]
        return everyone, await app.identities.histories(me, dids)

    everyone, histories = run(context, work)
    if as_json:
        shell.page.document({"people": [_document(each, histories) for each in everyone]})
    elif not everyone:
        shell.page.line("Nobody is on your list yet.")
        shell.page.hint('mnemosyne people add "Tomás Vidal" --alias Tomás')
    else:
        shell.page.rule()
        _show(context, everyone, histories)
        shell.page.hint(f"mnemosyne list --person {_quoted(everyone[0].name)}")


def add_person(
    context: typer.Context,
    name: Name,
    *,
    aliases: Aliases = None,
    as_json: options.AsJson = False,
) -> None:
    """Add somebody, or give somebody further names."""
    names = tuple(aliases or ())
    _one(context, as_json, "On your list:", lambda app, me: app.contacts.add(me, name, names))


def suggest_people(
    context: typer.Context, *, limit: options.Limit = 20, as_json: options.AsJson = False
) -> None:
    """Show names that your texts use as people's; nobody joins your list unless you add them."""
    shell = shell_of(context)
    found = run(context, lambda app, me: app.suggestions.people(me, limit))
    if as_json:
        shell.page.document(
            {"suggestions": [{"name": each.name, "count": each.count} for each in found]}
        )
    elif not found:
        shell.page.line("No name stands out that is not on your list.")
        shell.page.hint("mnemosyne people list")
    else:
        shell.page.rule()
        shell.page.fields([(flat(each.name), f"{each.count:,} times") for each in found])
        shell.page.hint(f"mnemosyne people add {_quoted(found[0].name)}")


def remove_person(context: typer.Context, name: Name, *, as_json: options.AsJson = False) -> None:
    """Take somebody off the list; memories that name them stay as they are."""
    _one(context, as_json, "No longer on your list:", lambda app, me: app.contacts.remove(me, name))


def remove_alias(context: typer.Context, name: Name, *, as_json: options.AsJson = False) -> None:
    """Take one name off whoever has it."""
    shell = shell_of(context)
    run(context, lambda app, me: app.contacts.remove_alias(me, name))
    if as_json:
        shell.page.document({"removed": name})
        return
    shell.page.line(said(flat(name)), " is nobody’s name any more.")
    shell.page.hint("mnemosyne people list")


def merge_people(
    context: typer.Context,
    name: Name,
    into: Annotated[str, typer.Argument(metavar="NAME", help="Who they really are.")],
    *,
    as_json: options.AsJson = False,
) -> None:
    """Say that two entries are one person; every name stays."""
    _one(context, as_json, "One person:", lambda app, me: app.contacts.merge(me, name, into))


def split_person(context: typer.Context, name: Name, *, as_json: options.AsJson = False) -> None:
    """Make a name a person of its own."""
    _one(context, as_json, "On their own:", lambda app, me: app.contacts.split(me, name))


def _one(context: typer.Context, as_json: bool, head: str, change: Work["Contact"]) -> None:
    shell = shell_of(context)
    who = run(context, change)
    if as_json:
        shell.page.document({"person": documents.contact(who)})
        return
    shell.page.line(head)
    shell.page.rule()
    _show(context, [who])
    shell.page.hint("mnemosyne people list")


def _show(
    context: typer.Context, people: Sequence["Contact"], histories: "Histories | None" = None
) -> None:
    rows = [(flat(who.name), _known_as(who, histories or {})) for who in people]
    shell_of(context).page.fields(rows)


def _known_as(who: "Contact", histories: "Histories") -> str:
    named = (*map(flat, who.aliases), who.did, _doubt(histories.get(who.did or "")))
    return "  ".join(filter(None, named)) or "–"


def _doubt(history: "History | None") -> str:
    """Return why nothing new is entrusted to a DID; nothing where all is well."""
    if history is None:
        return ""
    if history.equivocation:
        return "(rival logs: ask them over another channel)"
    return "(deactivated: ask which DID they use now)" if history.deactivated else ""


def _document(who: "Contact", histories: "Histories") -> dict[str, object]:
    history = histories.get(who.did or "")
    return documents.contact(who) | {
        "equivocation": history is not None and history.equivocation,
        "deactivated": history is not None and history.deactivated,
    }


def _quoted(name: str) -> str:
    return f'"{flat(name)}"'
