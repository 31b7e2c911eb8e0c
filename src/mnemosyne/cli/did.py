"""Your own DID: make it, look at it, change it, confirm it, end it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mnemosyne.cli import did_showing, options, unlock
from mnemosyne.cli.errors import NotConfirmedError, NothingGivenError
from mnemosyne.cli.reading import content_of
from mnemosyne.cli.running import Shell, run, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.identity.model import Changed, Confirmed, Mine
    from mnemosyne.kit.principal import Principal

_PUBLIC: Final = (
    "A log is public and append-only: what is written now stays readable in it for good, even when "
    "a later entry takes it out of the document."
)
_SAME: Final = "The document says so already; nothing was written."
_FOR_NOW: Final = (
    "A deactivated DID resolves to nothing, and others entrust nothing new to it. The recovery "
    "phrase can take it back with `mnemosyne did recover`."
)
_FOR_EVER: Final = (
    "This writes the tombstone: no key can ever write to this DID again, the recovery phrase "
    "neither. Nothing brings it back."
)

Raw = Annotated[bool, typer.Option("--raw", help="Print the log itself, as JSON Lines.")]
Endpoint = Annotated[
    str,
    typer.Option(
        "--service-endpoint",
        metavar="URL",
        help="Where your node answers, as #node of the document.",
    ),
]
AddService = Annotated[
    list[str] | None,
    typer.Option("--add-service", metavar='"ID TYPE URL"', help="Another service; or several."),
]
RemoveService = Annotated[
    list[str] | None, typer.Option("--remove-service", metavar="ID", help="Name it no more.")
]
KnownAs = Annotated[
    list[str] | None,
    typer.Option("--also-known-as", metavar="URI", help="Another identifier of yours."),
]
NotKnownAs = Annotated[
    list[str] | None, typer.Option("--not-known-as", metavar="URI", help="Name it no more.")
]
Mirror = Annotated[
    list[str] | None,
    typer.Option("--mirror", metavar="URL", help="A node that keeps a copy of your log."),
]
RemoveMirror = Annotated[
    list[str] | None, typer.Option("--remove-mirror", metavar="URL", help="Name it no more.")
]
NothingNewer = Annotated[
    bool, typer.Option("--nothing-newer", help="State that nothing was published since the backup.")
]


def create(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Make your DID, offline: nothing is registered, and nothing leaves this machine."""
    shell = shell_of(context)
    mine = run(context, lambda app, me: app.identities.create(me))
    if as_json:
        shell.page.document(did_showing.document(mine))
        return
    shell.page.line("Your DID:")
    did_showing.show(shell.page, mine, shell.node.zone)
    shell.page.body_text(
        "Its keys are in this vault and come out of it nowhere. If they are ever stolen or lost, "
        "the 24 words get the DID back; nothing else can."
    )
    shell.page.hint("mnemosyne key phrase verify   rehearses the phrase")


def show(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Show your DID: its document, and whether all is well with it."""
    shell = shell_of(context)
    mine = run(context, lambda app, me: app.identities.mine(me))
    if as_json:
        shell.page.document(did_showing.document(mine))
        return
    did_showing.show(shell.page, mine, shell.node.zone)
    shell.page.hint(did_showing.next_step(mine))


def log(context: typer.Context, *, raw: Raw = False, as_json: options.AsJson = False) -> None:
    """Show every entry of your log, the first one first."""
    shell = shell_of(context)
    mine = run(context, lambda app, me: app.identities.mine(me))
    if raw:
        typer.echo(did_showing.raw(mine), nl=False)
        return
    if as_json:
        shell.page.document({"did": mine.did, "entries": did_showing.log_document(mine)})
        return
    shell.page.rule()
    did_showing.show_log(shell.page, mine, shell.node.zone)
    for warning in did_showing.warnings(mine):
        shell.page.warning(warning)
    shell.page.hint("mnemosyne did log --raw > did-log.jsonl   writes it as others read it")


def update(
    context: typer.Context,
    *,
    service_endpoint: Endpoint = "",
    add_service: AddService = None,
    remove_service: RemoveService = None,
    also_known_as: KnownAs = None,
    not_known_as: NotKnownAs = None,
    mirror: Mirror = None,
    remove_mirror: RemoveMirror = None,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """Change your document: services, other identifiers, mirrors. Nothing is ever taken back."""
    from mnemosyne.identity.model import DocumentChange  # noqa: PLC0415 - brings the database

    shell = shell_of(context)
    wanted = DocumentChange(
        node_endpoint=service_endpoint,
        add_services=tuple(_service(each) for each in add_service or ()),
        remove_services=tuple(remove_service or ()),
        also_known_as=tuple(also_known_as or ()),
        not_known_as=tuple(not_known_as or ()),
        mirrors=tuple(mirror or ()),
        remove_mirrors=tuple(remove_mirror or ()),
    )
    if wanted.empty:
        raise NothingGivenError(
            "nothing to change was given", "Name a service, an identifier or a mirror."
        )

    async def work(app: "Application", me: "Principal") -> "Changed":
        preview = await app.identities.preview(me, wanted)
        if preview.differences and not as_json:
            did_showing.show_differences(shell.page, preview.differences)
        if dry_run or not preview.differences:
            return preview
        if not yes:
            shell.page.warning(_PUBLIC)
            _confirmed("Write this?")
        return await app.identities.update(me, wanted)

    changed = run(context, work)
    if as_json:
        shell.page.document(did_showing.changed_document(changed))
    elif changed.mine is None:
        shell.page.remark("Nothing was written." if changed.differences else _SAME)
        shell.page.hint("mnemosyne did show")
    else:
        shell.page.line(f"Written as entry {changed.mine.history.head.number}.")
        shell.page.remark(_PUBLIC)
        shell.page.hint("mnemosyne did card   gives others the new document")


def confirm(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="The newest card or log, or “-” for a pipe."),
    ] = None,
    *,
    nothing_newer: NothingNewer = False,
    as_json: options.AsJson = False,
) -> None:
    """After a restore: compare your DID with the newest card or log that you can get."""
    from mnemosyne.identity.cards import LARGEST  # noqa: PLC0415 - brings cryptography
    from mnemosyne.identity.sources import read_source  # noqa: PLC0415

    shell = shell_of(context)
    if (file is None) == (not nothing_newer):
        run(context, lambda app, me: app.identities.mine(me))  # without a DID, that is said
        raise NothingGivenError(
            "there is nothing to compare with",
            "Give the newest card or log, or else --nothing-newer, which your record keeps.",
        )
    source = None if file is None else read_source(content_of(file, LARGEST))
    confirmed = run(context, lambda app, me: app.following.confirm(me, source))
    if as_json:
        shell.page.document(
            did_showing.document(confirmed.mine)
            | {"adopted": [entry.version_id for entry in confirmed.adopted]}
        )
        return
    _tell_confirmed(shell, confirmed)
    shell.page.hint(did_showing.next_step(confirmed.mine))


def deactivate(
    context: typer.Context,
    *,
    for_ever: Annotated[
        bool,
        typer.Option("--for-ever", help="With the recovery phrase, so that nothing undoes it."),
    ] = False,
    phrase_file: options.PhraseFile = None,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """End your DID. The recovery phrase can take it back, unless it is ended for ever."""
    shell = shell_of(context)
    phrase = unlock.given_phrase(phrase_file) if for_ever else None

    async def work(app: "Application", me: "Principal") -> "Mine":
        me.require_secret()
        mine = await app.identities.mine(me)
        if not yes:
            shell.page.warning(_FOR_EVER if for_ever else _FOR_NOW)
            _typed(mine.did[-8:])
        if phrase is None:
            return await app.identities.deactivate(me)
        return (await app.recovery.end_for_ever(me, phrase)).mine

    mine = run(context, work)
    if as_json:
        shell.page.document(did_showing.document(mine))
        return
    shell.page.line("Your DID is ended for good." if for_ever else "Your DID is deactivated.")
    shell.page.hint("mnemosyne did log --raw   prints the log, to be handed to those who know you")


def _service(text: str) -> tuple[str, str, str]:
    words = text.split()
    if len(words) != 3:  # noqa: PLR2004 - name, type and address
        raise NothingGivenError(
            f"“{text[:80]}” is no service",
            'A service is written as "ID TYPE URL", such as "blog LinkedDomains https://ada.example".',
        )
    return words[0], words[1], words[2]


def _confirmed(question: str) -> None:
    if unlock.ask(f"{question} Type “yes”", "Use --yes.") != "yes":
        raise NotConfirmedError


def _typed(word: str) -> None:
    answer = unlock.ask(f"Type the last letters of the DID, “{word}”, to end it", "Use --yes.")
    if answer != word:
        raise NotConfirmedError


def _tell_confirmed(shell: Shell, confirmed: "Confirmed") -> None:
    page = shell.page
    if confirmed.adopted:
        page.line("Taken over, since this vault did not know them:")
        for entry in confirmed.adopted:
            page.line("  ", did_showing.entry_line(entry, shell.node.zone))
        page.body_text(
            "If one of them is not yours, recover from the one before it: `mnemosyne did recover "
            "--from NUMBER`."
        )
    else:
        page.line("Nothing is newer than what this vault knows.")
    for warning in did_showing.warnings(confirmed.mine):
        page.warning(warning)
