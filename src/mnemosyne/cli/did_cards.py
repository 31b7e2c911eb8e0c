"""Identity cards: yours for others, as a file or as codes; and those of others."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mnemosyne.cli import did_showing, documents, options, unlock
from mnemosyne.cli.errors import OutputFileError
from mnemosyne.cli.output import Page, flat, said
from mnemosyne.cli.reading import content_of
from mnemosyne.cli.running import run, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.identity.cards import Card
    from mnemosyne.identity.model import Accepted, Mine
    from mnemosyne.kit.principal import Principal

_SCALE: Final = 6  # pixels of a module
_RIVAL: Final = (
    "Their log has rivals: a key was stolen, or two machines wrote at once. What was seen first is "
    "kept, and nothing new is entrusted to this DID. Ask them over another channel."
)
_SETTLED: Final = (
    "The conflict in their log is settled: they recovered the DID with their recovery phrase, and "
    "what it drops does not count any more."
)

Qr = Annotated[
    bool, typer.Option("--qr", help="As codes on the terminal; as their text on a pipe.")
]
Svg = Annotated[
    Path | None, typer.Option("--svg", metavar="FILE", help="As codes in new SVG files.")
]
Png = Annotated[
    Path | None, typer.Option("--png", metavar="FILE", help="As codes in new PNG files.")
]
CardName = Annotated[
    str | None,
    typer.Option(
        "--name", metavar="NAME", help="Suggest this name to who reads it. Else it names nobody."
    ),
]
Hint = Annotated[
    str | None,
    typer.Option("--hint", metavar="URL", help="A node where the newest log can be had."),
]


def card(
    context: typer.Context,
    *,
    qr: Qr = False,
    svg: Svg = None,
    png: Png = None,
    name: CardName = None,
    hint: Hint = None,
    as_json: options.AsJson = False,
) -> None:
    """Print your card, by which others know your DID without asking anybody."""
    from mnemosyne.identity import cards  # noqa: PLC0415 - brings cryptography

    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "tuple[Card, Mine]":
        return await app.identities.card(me, name, hint), await app.identities.mine(me)

    made, mine = run(context, work)
    for warning in did_showing.warnings(mine):
        shell.page.warning(warning)  # on stderr: the card itself says nothing of it
    written = [
        file
        for path, kind in ((svg, "svg"), (png, "png"))
        if path is not None
        for file in _write_codes(path, kind, made)
    ]
    if as_json:
        shell.page.document(
            {
                "card": cards.document(made),
                "frames": list(cards.frames(made, cards.TERMINAL_FRAME)),
                "files": [str(file) for file in written],
            }
        )
    elif written:
        for file in written:
            shell.page.line(f"Written: {file}")
        shell.page.hint("mnemosyne people add-card FILE   reads what a phone or a scanner reads")
    elif qr:
        _show_codes(shell.page, cards.frames(made, cards.TERMINAL_FRAME))
    else:
        typer.echo(cards.encode(made).decode("utf-8"), nl=False)


def add_card(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A card or the text of its codes; “-” is a pipe.")
    ],
    *,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Who it is; asked for when absent.")
    ] = "",
    as_json: options.AsJson = False,
) -> None:
    """Learn somebody's DID from their card. The card proves itself, offline."""
    from mnemosyne.identity import cards  # noqa: PLC0415 - brings cryptography

    shell = shell_of(context)
    found = cards.decode(content_of(file, 2 * cards.LARGEST))

    async def work(app: "Application", me: "Principal") -> "Accepted":
        known = await app.following.known_contact(me, found.did)
        who = name or ("" if known is not None else _asked_name(found))
        return await app.following.accept(me, found, who)

    accepted = run(context, work)
    if as_json:
        shell.page.document(
            {"person": documents.contact(accepted.contact)}
            | did_showing.history_document(accepted.history)
            | {"fresh": [entry.version_id for entry in accepted.fresh]}
            | {"settled": accepted.settled}
        )
        return
    _tell_accepted(shell.page, accepted)


def _asked_name(found: "Card") -> str:
    suggested = f" (the card says {flat(found.name)!r})" if found.name else ""
    return unlock.ask(f"Who is this{suggested}", "Use --name NAME.", what="a name")


def _tell_accepted(page: Page, accepted: "Accepted") -> None:
    count = len(accepted.fresh)
    page.line(
        said(flat(accepted.contact.name)),
        " is known by " if accepted.history.head in accepted.fresh else " is still known by ",
        accepted.history.did,
    )
    page.rule()
    held = did_showing.how_many(len(accepted.history.path))
    page.line(f"The log holds, checked here: {held}, {count} of them new.")
    if accepted.history.equivocation:
        page.warning(_RIVAL)
    elif accepted.settled:
        page.line(_SETTLED)
    if accepted.history.deactivated:
        page.warning("The DID is deactivated: ask them which one they use now.")
    page.hint(f"mnemosyne did resolve {accepted.history.did}")


def _show_codes(page: Page, frames: "tuple[str, ...]") -> None:
    """Print codes to be read by a phone, or on a pipe what stands in them."""
    from mnemosyne.identity import cards  # noqa: PLC0415 - brings cryptography

    if not sys.stdout.isatty():
        for frame in frames:
            typer.echo(frame)
        return
    for number, code in enumerate(cards.codes(frames), 1):
        page.line(f"Code {number} of {len(frames)}")
        code.terminal(out=sys.stdout, compact=True)
        sys.stdout.flush()
    page.hint("Read them in any order; what they say goes to `mnemosyne people add-card -`.")


def _write_codes(path: Path, kind: str, made: "Card") -> list[Path]:
    """Write one image for each code and return their names."""
    from mnemosyne.identity import cards  # noqa: PLC0415 - brings cryptography

    frames = cards.frames(made, cards.IMAGE_FRAME)
    written = []
    for number, code in enumerate(cards.codes(frames), 1):
        end = "" if len(frames) == 1 else f"-{number}of{len(frames)}"
        file = path.with_name(f"{path.stem}{end}{path.suffix}")
        try:
            with file.open("xb") as out:
                code.save(out, kind=kind, scale=_SCALE)
        except FileExistsError as error:
            what = "folder" if file.is_dir() else "file"
            raise OutputFileError(file, f"There is a {what} of that name already") from error
        except OSError as error:
            raise OutputFileError(file, error.strerror or str(error)) from error
        written.append(file)
    return written
