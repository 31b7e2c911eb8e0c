"""Put new keys in the place of those you sign and are written to with."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import did_showing, options
from mnemosyne.cli.running import run, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.identity.model import Changed
    from mnemosyne.kit.principal import Principal


class KeyName(StrEnum):
    """Which keys; those that change the log are always new."""

    HOT = "hot"
    SIG = "sig"
    ENC = "enc"
    NODE = "node"


Only = Annotated[
    list[KeyName] | None,
    typer.Option(
        "--only",
        metavar="KEY",
        help="hot: what changes the log; sig: what you sign with; enc: what others seal for you "
        "with; node: what this node signs with. One or several; all four if absent.",
    ),
]


def rotate(context: typer.Context, *, only: Only = None, as_json: options.AsJson = False) -> None:
    """Make new keys for your DID and this node. What was signed before stays verifiable."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "Changed":
        from mnemosyne.identity.model import Rotated  # noqa: PLC0415 - brings the database

        which = frozenset(Rotated(each.value) for each in only or KeyName)
        return await app.identities.rotate(me, which)

    changed = run(context, work)
    if as_json:
        shell.page.document(did_showing.changed_document(changed))
        return
    did_showing.show_differences(shell.page, changed.differences)
    shell.page.body_text(
        "The private halves of the old ones are deleted, other than those that open what was "
        "sealed for you. Their public halves stay in the log, to verify older signatures."
    )
    shell.page.hint("mnemosyne did card   gives others the new document")
