"""How the node stands, and what it is set to."""

import os
from datetime import tzinfo
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from mnemosyne.cli import backup_facts, holding, moments, options
from mnemosyne.cli.output import flat, said
from mnemosyne.cli.running import Shell, run, shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal
    from mnemosyne.memories.service.overview import Standing
    from mnemosyne.safekeeping.store import KnownBackup

_MOST_NAMED = 6
Rows = list[tuple[str, str | Text]]


def status(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Show how the vault stands: what is in it, what waits, and whether meaning is searched."""
    shell = shell_of(context)

    async def work(app: "Application", me: "Principal") -> None:
        standing = await app.overview.standing(me)
        backups = await app.backups.known(me)
        proven = next((each for each in backups if each.verified_at is not None), None)
        if as_json:
            shell.page.document(_document(shell, app, standing, proven))
        else:
            _show(shell, app, standing, proven)

    run(context, work)


def settings(context: typer.Context, *, as_json: options.AsJson = False) -> None:
    """Show every setting: its value here, its default, and what it is for."""
    shell = shell_of(context)
    found = shell.node.settings()
    if as_json:
        document = [
            {
                "variable": each.variable,
                "value": each.value,
                "default": each.default,
                "description": each.description,
            }
            for each in found
        ]
        shell.page.document({"settings": document})
        return
    shell.page.rule()
    for each in found:
        own = "" if each.value == each.default else "   set by you"
        value = said(flat(each.value) or "–", "title")
        shell.page.line(Text(f"{each.variable}  ", "id"), value, Text(own, "quiet"))
        shell.page.body(Text(f"{each.description} Default: {flat(each.default) or '–'}."), indent=2)
    shell.page.hint(f"{found[0].variable}=… mnemosyne status   sets one for a single command")


def meaning_of(shell: Shell, standing: "Standing") -> tuple[bool, str]:
    """Return whether search by meaning is on, and with what, or why not."""
    missing = shell.node.missing_weights()
    if standing.meaning is None:
        return False, missing or "nothing has been embedded yet: `mnemosyne reindex` does it"
    waiting = f", {standing.meaning.missing:,} waiting" if standing.meaning.missing else ""
    embedder = standing.meaning.embedder
    if missing:
        return False, missing
    return True, f"{embedder.name}, {embedder.precision}{waiting}"


def _show(
    shell: Shell, app: "Application", standing: "Standing", proven: "KnownBackup | None"
) -> None:
    page, zone = shell.page, shell.node.zone
    page.rule()
    on, meaning = meaning_of(shell, standing)
    since = moments.show_at(app.vault.created_at, zone)
    backlog = standing.backlog
    rows: Rows = [
        ("vault", f"{shell.node.home}, since {since}"),
        ("person", flat(app.person.name)),
        ("node key", app.vault.node_key.fingerprint),
        ("memories", f"{standing.memories:,}, and {standing.in_bin:,} in the bin"),
        ("types", _counts(standing.by_type)),
        ("sources", _counts(standing.by_source)),
        ("domains", _counts(standing.by_domain)),
        ("meaning", f"on: {meaning}" if on else f"off, words are searched: {flat(meaning)}"),
        ("backup", _backup(proven, zone)),
        ("waiting", f"{backlog.waiting:,}" + _failed(backlog.failed)),
    ]
    if standing.restricted_since:
        restricted = moments.show_at(standing.restricted_since, zone)
        rows.append(("restricted", f"since {restricted}: `mnemosyne account unrestrict`"))
    if standing.erasing:
        rows.append(("erasing", f"{standing.erasing:,}, until no process reads the old pages"))
    if standing.forgetters:
        rows.append(("forget limit", "reached by " + ", ".join(map(flat, standing.forgetters))))
    others = [flat(str(user)) for user in app.lock.users() if user.pid != os.getpid()]
    rows.append(("in use by", ", ".join(others) or "nobody else"))
    if (holder := shell.node.unlocked()) is not None:
        until = moments.show_at(holder.until, zone)
        rows.append(("unlocked", f"until {until}, for every program of yours: `mnemosyne lock`"))
    page.fields(rows)
    page.space()
    page.line("Nothing has left this machine.")
    page.hint(_next(standing, on=on))


def _next(standing: "Standing", *, on: bool) -> str:
    if not standing.memories:
        return 'mnemosyne capture "What happened today"   or   mnemosyne import FOLDER'
    if standing.backlog.failed or not on:
        return "mnemosyne embedder status" if not on else "mnemosyne reindex"
    return 'mnemosyne search "when did I last …"'


def _failed(failed: int) -> str:
    return f", {failed:,} given up: `mnemosyne reindex` tries them again" if failed else ""


def _counts(counts: dict[str, int]) -> str:
    named = [
        f"{flat(name) or 'typed here'} {n:,}" for name, n in list(counts.items())[:_MOST_NAMED]
    ]
    more = len(counts) - len(named)
    return ", ".join(named) + (f", and {more} more" if more > 0 else "") or "–"


def _backup(proven: "KnownBackup | None", zone: tzinfo) -> str:
    if proven is None or proven.verified_at is None:
        return "none that was proven: mnemosyne backup make FOLDER"
    return f"last proven {moments.show_at(proven.verified_at, zone)}, {flat(str(proven.path))}"


def _document(
    shell: Shell, app: "Application", standing: "Standing", proven: "KnownBackup | None"
) -> dict[str, object]:
    on, meaning = meaning_of(shell, standing)
    oldest, restricted = standing.backlog.oldest, standing.restricted_since
    return {
        "vault": {
            "id": app.vault.vault_id,
            "path": str(shell.node.home),
            "created_at": app.vault.created_at.isoformat(),
            "node_key": app.vault.node_key.fingerprint,
        },
        "person": {"id": app.person.id, "name": app.person.name},
        "memories": standing.memories,
        "in_bin": standing.in_bin,
        "types": standing.by_type,
        "sources": standing.by_source,
        "domains": standing.by_domain,
        "enrichment": {
            "by_status": standing.by_status,
            "waiting": standing.backlog.waiting,
            "given_up": standing.backlog.failed,
            "oldest": moments.written(oldest),
        },
        "search_by_meaning": {"on": on, "detail": meaning},
        "last_verified_backup": None if proven is None else backup_facts.backup(proven),
        **holding.document(shell.node.unlocked()),
        "restricted_since": moments.written(restricted),
        "erasing": standing.erasing,
        "forget_limit_reached_by": list(standing.forgetters),
        "processes": [
            {"pid": user.pid, "command": user.command, "since": user.since.isoformat()}
            for user in app.lock.users()
        ],
    }
