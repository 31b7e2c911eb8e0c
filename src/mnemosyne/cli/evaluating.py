"""Measure retrieval on data sets with known answers, in a throw-away vault."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from mnemosyne.cli import options
from mnemosyne.cli.output import Page, flat
from mnemosyne.cli.running import shell_of

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.memories.evaluation.report import Report

_SHOWN: Final = ("recall@5", "recall@10", "recall@20", "any@10", "all@10", "mrr", "ndcg@10")
_CATEGORIES: Final = "multi-hop,temporal,open-domain,single-hop"

Folders = Annotated[
    list[Path],
    typer.Argument(metavar="DIR", help="Folders in the form of BEIR."),
]
Categories = Annotated[
    str, typer.Option(metavar="NAMES", help="What `pooled` covers, separated by commas.")
]
Questions = Annotated[
    bool, typer.Option("--questions", help="With --json: the ranking of each question as well.")
]


def retrieval(
    context: typer.Context,
    folders: Folders,
    *,
    categories: Categories = _CATEGORIES,
    questions: Questions = False,
    as_json: options.AsJson = False,
) -> None:
    """Import each folder as an owner of its own, ask its questions, and print the figures."""
    import asyncio  # noqa: PLC0415 - `--help` waits for nothing

    from mnemosyne.memories.evaluation import beir  # noqa: PLC0415 - brings the database
    from mnemosyne.memories.evaluation.run import evaluate  # noqa: PLC0415

    shell = shell_of(context)
    data_sets = [beir.read(folder) for folder in folders]
    wanted = [name.strip() for name in categories.split(",") if name.strip()]
    embedders = shell.node.embedders()
    report = asyncio.run(
        evaluate(data_sets, embedders, wanted, lambda line: shell.page.step(flat(line)))
    )
    if as_json:
        shell.page.document(report.named(questions=questions))
    else:
        _show(shell.page, report)


def _show(page: Page, report: "Report") -> None:
    found = report.named()
    page.rule()
    page.line(Text(f"{'':<22}" + "".join(f"{name:>11}" for name in _SHOWN), "quiet"))
    _row(page, "pooled", found["pooled"], "title")
    for title, figures in _items(found["categories"]):
        _row(page, f"  {title}", figures)
    for title, figures in _items(found["baselines"]):
        _row(page, title, figures, "quiet")
    page.space()
    times = report.search_ms()
    page.fields(
        [
            ("questions", f"{len(report.judged):,}, {report.without_evidence:,} without evidence"),
            ("entries", f"{report.entries:,}, stored in {report.ingest_seconds:.1f} s"),
            ("search", f"p50 {times['p50']:.1f} ms, p95 {times['p95']:.1f} ms"),
            ("size", f"{report.index_bytes:,} bytes"),
            ("embedder", report.embedder or "none: words alone"),
        ]
    )
    page.hint("--json gives every figure, --json --questions each ranking")


def _items(value: object) -> list[tuple[str, object]]:
    return list(value.items()) if isinstance(value, Mapping) else []


def _row(page: Page, title: str, figures: object, style: str = "") -> None:
    values = figures if isinstance(figures, Mapping) else {}
    cells = "".join(f"{float(values.get(name, 0.0)):>11.3f}" for name in _SHOWN)
    page.line(Text(f"{flat(title):<22}{cells}", style))
