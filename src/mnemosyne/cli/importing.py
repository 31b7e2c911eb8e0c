"""Bring in notes and chats that a person has."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from mnemosyne.cli import options, showing
from mnemosyne.cli.format_names import FormatName
from mnemosyne.cli.output import Page, flat, said
from mnemosyne.cli.running import Shell, run, shell_of
from mnemosyne.kit.zones import zone_named

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal
    from mnemosyne.memories.importing.entry import Problem, ProblemKind
    from mnemosyne.memories.importing.report import ImportReport
    from mnemosyne.memories.service.importer import ImportOptions

_SHOWN: Final = 20

Source = Annotated[Path, typer.Argument(metavar="PATH", help="A file, a folder or a .zip.")]
FormatOption = Annotated[
    FormatName | None, typer.Option("--format", help="What it is; found out unless given.")
]
AllBranches = Annotated[
    bool, typer.Option("--all-branches", help="Of a chat, take abandoned branches as well.")
]
Forgotten = Annotated[
    bool, typer.Option("--include-forgotten", help="Bring back what you put into the bin.")
]
Erased = Annotated[bool, typer.Option("--include-erased", help="Bring back what you erased.")]
Zone = Annotated[
    str, typer.Option("--timezone", metavar="ZONE", help="Where you were, as Europe/Lisbon.")
]


def import_source(
    context: typer.Context,
    path: Source,
    *,
    kind: FormatOption = None,
    dry_run: options.DryRun = False,
    all_branches: AllBranches = False,
    include_forgotten: Forgotten = False,
    include_erased: Erased = False,
    timezone: Zone = "",
    as_json: options.AsJson = False,
) -> None:
    """Import notes or chats. The same again changes nothing, and what was cut short goes on."""
    from mnemosyne.memories.importing.detect import Format  # noqa: PLC0415 - brings every reader
    from mnemosyne.memories.importing.limits import Limits  # noqa: PLC0415
    from mnemosyne.memories.importing.planning import Asked  # noqa: PLC0415
    from mnemosyne.memories.service.importer import ImportOptions  # noqa: PLC0415

    shell = shell_of(context)
    wanted = ImportOptions(
        format=None if kind is None else Format(kind.value),
        dry_run=dry_run,
        asked=Asked(forgotten=include_forgotten, erased=include_erased),
        all_branches=all_branches,
        limits=Limits(total=shell.node.import_limit),
        zone=zone_named(timezone) if timezone else None,
    )

    async def work(app: "Application", me: "Principal") -> None:
        report = await _imported(shell, app, me, path, wanted)
        if as_json:
            shell.page.document(_document(report))
        else:
            _show(shell.page, report)
        if not dry_run:
            await _drained(shell, app, me)

    try:
        run(context, work)
    except KeyboardInterrupt:
        if not dry_run:
            shell.page.remark("Stopped. What was stored stays; the same command goes on.")
        raise


async def _imported(
    shell: Shell, app: "Application", me: "Principal", path: Path, wanted: "ImportOptions"
) -> "ImportReport":
    total = await app.importer.estimate(path, wanted) if shell.page.watched else None
    with shell.page.progress("Reading" if wanted.dry_run else "Importing", total) as advance:
        return await app.importer.run(me, path, wanted, lambda _unit: advance(1))


async def _drained(shell: Shell, app: "Application", me: "Principal") -> None:
    with shell.page.progress("Making them findable by meaning") as advance:
        await app.dispatcher.drain(shell.node.drain_seconds, advance)
    waiting = (await app.overview.standing(me)).backlog.waiting
    if waiting:
        wait = "waits" if waiting == 1 else "wait"
        shell.page.remark(
            f"{waiting:,} {wait} for enrichment: vectors for search by meaning, domains, "
            "importance, the look for secrets. Words are found already. `mnemosyne reindex` works "
            "it off and shows how far it is; later commands do a part of it each."
        )


def _show(page: Page, report: "ImportReport") -> None:
    would = "Would import" if report.dry_run else "Imported"
    page.line(f"{would} as {report.format}.")
    page.rule()
    counts = report.counts
    rows: list[tuple[str, str | Text]] = [
        ("memories", _named(_memories(report)) or "none"),
        ("files and chats", _named({kind.value: n for kind, n in report.outcomes.items()}) or "–"),
    ]
    if counts.forgotten or counts.erased:
        gone = {"in the bin": counts.forgotten, "erased": counts.erased}
        rows.append(("not brought back", _named(gone)))
    if report.problem_counts:
        rows.append(("remarks", _named({_words(k): n for k, n in report.problem_counts.items()})))
    if report.names:
        rows.append(("people", f"{report.names:,} new on your people list"))
    page.fields(rows)
    _problems(page, report.problems)
    _conflicts(page, report)
    if report.dry_run:
        page.hint("Nothing was written. Without --dry-run it would be.")
    elif counts.stored or counts.updated:
        page.hint('mnemosyne search "…"   or   mnemosyne timeline')
    else:
        page.hint("mnemosyne list")


def _memories(report: "ImportReport") -> dict[str, int]:
    counts = report.counts
    return {
        "stored": counts.stored,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "in conflict": counts.conflicts,
        "back from the bin": counts.returned,
    }


def _named(counts: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)


def _problems(page: Page, problems: Sequence["Problem"]) -> None:
    if not problems:
        return
    page.space()
    width = max(len(_words(each.kind)) for each in problems[:_SHOWN])
    for each in problems[:_SHOWN]:
        times = f" ({each.count:,})" if each.count > 1 else ""
        page.hanging(
            Text(f"{_words(each.kind):<{width}}  ", "quiet"),
            said(f"{flat(each.where)}: {flat(each.reason)}{times}"),
        )
    if len(problems) > _SHOWN:
        page.line(Text(f"and {len(problems) - _SHOWN:,} more; --json has them", "quiet"))


def _words(kind: "ProblemKind") -> str:
    return kind.value.replace("-", " ")


def _conflicts(page: Page, report: "ImportReport") -> None:
    for each in report.conflicts[:_SHOWN]:
        page.line(
            "You edited ",
            Text(showing.short(each.edited), "id"),
            " and the source changed; its text is ",
            Text(showing.short(each.imported), "id"),
        )


def _document(report: "ImportReport") -> dict[str, object]:
    return {
        "format": report.format,
        "dry_run": report.dry_run,
        "memories": {
            "stored": report.counts.stored,
            "updated": report.counts.updated,
            "unchanged": report.counts.unchanged,
            "conflicts": report.counts.conflicts,
            "forgotten": report.counts.forgotten,
            "erased": report.counts.erased,
            "returned": report.counts.returned,
        },
        "units": {kind.value: number for kind, number in report.outcomes.items()},
        "remarks": {kind.value: number for kind, number in report.problem_counts.items()},
        "problems": [
            {
                "kind": each.kind.value,
                "where": each.where,
                "reason": each.reason,
                "count": each.count,
            }
            for each in report.problems
        ],
        "conflicts": [
            {"edited": each.edited, "imported": each.imported} for each in report.conflicts
        ],
        "new_people": report.names,
    }
