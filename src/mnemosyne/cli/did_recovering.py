"""Get your DID back with the recovery phrase, or rehearse that; put a new phrase in its place."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from mnemosyne.cli import did_showing, options, unlock
from mnemosyne.cli.errors import NotConfirmedError, NoTerminalError
from mnemosyne.cli.exit_codes import ExitCode
from mnemosyne.cli.output import Page
from mnemosyne.cli.phrase_card import confirm_phrase, show_card, write_phrase
from mnemosyne.cli.reading import content_of
from mnemosyne.cli.running import run, shell_of
from mnemosyne.cli.setup import PhraseOut

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.identity.model import Mine, Recovered, RecoveryPlan, Rehearsal
    from mnemosyne.identity.service.recovery_case import RecoveryRequest
    from mnemosyne.kit.principal import Principal
    from mnemosyne.kit.vault.phrase import Phrase

_STOLEN: Final = (
    "If somebody read this vault, they have the key of the node and the root key as well: change "
    "both with the commands below, and your passphrase."
)
_KEEP_BOTH: Final = (
    "Keep the old phrase until this command has ended well: if it is interrupted, one of the two "
    "opens the vault and one recovers the DID, and repeating it finishes the exchange."
)

From = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="VERSION",
        help="The last good entry: its number, its versionId or the end of that. If absent, the "
        "newest of this vault.",
    ),
]
Log = Annotated[
    Path | None,
    typer.Option("--log", metavar="FILE", help="The newest card or log from outside."),
]
WithoutLog = Annotated[
    bool,
    typer.Option(
        "--without-log",
        help="After a restore or an import: state that it was not recovered since.",
    ),
]
OldPhraseFile = Annotated[
    Path | None,
    typer.Option(
        "--phrase-file",
        metavar="FILE",
        help="The old recovery phrase, the one until now, in a private file; “-” reads it. "
        "Otherwise it is asked for, where there is a DID.",
    ),
]
Rehearse = Annotated[
    bool, typer.Option("--rehearse", help="Say whether the phrase fits, and write nothing.")
]


def recover(
    context: typer.Context,
    *,
    version: From = "",
    log: Log = None,
    without_log: WithoutLog = False,
    phrase_file: options.PhraseFile = None,
    rehearse: Rehearse = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """Take your DID back with the recovery phrase, whoever holds its keys. It beats every entry."""
    shell = shell_of(context)
    if rehearse:
        _rehearse(context, unlock.given_phrase(phrase_file), as_json=as_json)
        return
    request = _request(version, log, without_log=without_log)

    async def work(app: "Application", me: "Principal") -> "Recovered | RecoveryPlan":
        plan = await app.recovery.plan(me, request)
        if not as_json:
            did_showing.show_plan(shell.page, plan, shell.node.zone)
        if dry_run:
            return plan
        phrase = unlock.given_phrase(phrase_file)
        if not yes and unlock.ask("Recover it? Type “yes”", "Use --yes.") != "yes":
            raise NotConfirmedError
        return await app.recovery.recover(me, phrase, request)

    _told(context, run(context, work), as_json=as_json)


def replace_phrase(
    context: typer.Context,
    *,
    phrase_out: PhraseOut = None,
    phrase_file: OldPhraseFile = None,
    as_json: options.AsJson = False,
) -> None:
    """Let a new recovery phrase take the place of the old one, for the vault and for your DID."""
    from mnemosyne.kit.vault.phrase import generate_phrase  # noqa: PLC0415 - seldom needed

    shell = shell_of(context)
    if phrase_out is None and not sys.stdin.isatty():
        raise NoTerminalError(
            "three words of the new phrase", "Use --phrase-out FILE to write it to a private file."
        )

    async def work(app: "Application", me: "Principal") -> "tuple[str, Mine | None]":
        old = None
        if await app.recovery.needs_old_phrase(me):
            old = unlock.given_phrase(phrase_file)
            await app.recovery.require_fit(me, old)
        new = generate_phrase()
        if phrase_out is not None:
            write_phrase(phrase_out, new, shell.node.home)
        else:
            show_card(shell.page, new)
            confirm_phrase(shell.page, new, "the old phrase stays as it is")
        shell.page.remark(_KEEP_BOTH)
        closed = await app.recovery.replace_phrase(me, new, old)
        mine = None if old is None else await app.identities.mine(me)
        return "" if closed is None else closed.statement, mine

    statement, mine = run(context, work)
    if as_json:
        written = {} if mine is None else {"did": mine.did, "version_id": mine.own_head}
        shell.page.document({"replaced": True, "statement": statement} | written)
        return
    _tell_replaced(shell.page, statement, mine)


def _tell_replaced(page: Page, statement: str, mine: "Mine | None") -> None:
    end = "." if mine is None else ", and alone recovers your DID."
    page.line(f"The new phrase opens the vault{end}")
    if mine is not None:
        page.body_text(
            f"Your DID has entry {mine.history.head.number} for it, of the type recover, and all "
            "its keys are new. Hand the new card to those who know you."
        )
    if statement:
        page.body_text(statement)
    if mine is not None:
        page.hint("mnemosyne did card --qr")
    page.hint("mnemosyne backup make FOLDER   makes one that opens with the new one")


def _request(version: str, log: Path | None, *, without_log: bool) -> "RecoveryRequest":
    from mnemosyne.identity.cards import LARGEST  # noqa: PLC0415 - brings cryptography
    from mnemosyne.identity.service.recovery_case import RecoveryRequest  # noqa: PLC0415
    from mnemosyne.identity.sources import read_source  # noqa: PLC0415

    source = None if log is None else read_source(content_of(log, LARGEST))
    return RecoveryRequest(version.strip(), source, without_log)


def _rehearse(context: typer.Context, phrase: "Phrase", *, as_json: bool) -> None:
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> "Rehearsal":
        return await app.recovery.rehearse(me, phrase)

    found = run(context, work)
    if as_json:
        shell.page.document({"did": found.did, "fits": found.fits, "opens": found.opens})
    else:
        _tell_rehearsed(shell.page, found)
    if not found.fits:
        raise typer.Exit(ExitCode.LOCKED)  # as `key phrase verify` ends with a wrong one


def _tell_rehearsed(page: Page, found: "Rehearsal") -> None:
    page.line(
        "This phrase recovers your DID." if found.fits else "This phrase does not recover your DID."
    )
    page.line("It opens the vault as well." if found.opens else "It does not open the vault.")
    if found.fits is not found.opens:
        page.body_text(
            "One without the other is how an interrupted exchange of the phrase looks: repeating "
            "it puts that right."
        )
        page.hint("mnemosyne key phrase replace")
    elif found.fits:
        page.hint("mnemosyne backup make FOLDER   makes a copy that it opens as well")
    else:
        page.hint("mnemosyne did recover --rehearse   tries another one")


def _told(context: typer.Context, found: "Recovered | RecoveryPlan", *, as_json: bool) -> None:
    from mnemosyne.identity.model import RecoveryPlan  # noqa: PLC0415 - brings the database

    page = shell_of(context).page
    if isinstance(found, RecoveryPlan):
        if as_json:
            page.document({"recovered": False} | did_showing.plan_document(found))
            return
        page.remark("Nothing was written.")
        page.hint("mnemosyne did recover")
        return
    if as_json:
        plan = did_showing.plan_document(found.plan)
        page.document({"recovered": True, "plan": plan} | did_showing.document(found.mine))
        return
    page.line(f"It is yours again: entry {found.mine.history.head.number} beats every other one.")
    page.body_text("All its keys are new. Hand the new card to those who know you.")
    page.remark(_STOLEN)
    page.hint("mnemosyne did card --qr\nmnemosyne key rotate --only node\nmnemosyne key rekey")
