"""`make bench` measures a tiny vault here; how fast it was is nobody's business in a test."""

import re

import pytest

from bench import capture, record, search
from bench.__main__ import main
from bench.measure import Figure, show
from tests.requirements import requirement

LINE = re.compile(
    r"^[✓✗] (?P<name>.{34}) +(?P<value>[\d,.]+(?: ms| MiB)?) {3}(?P<reference>\S.*?) +"
    r"×(?P<ratio>[\d.]+) +bar [≤≥] (?P<bar>×?[\d,.]+(?: ms| MiB| a second)?)$"
)
NAMES = {
    *("capture acknowledged, p50", "… enriched and embedded, p50"),
    *("messages stored, a second", "texts enriched, a second", "peak memory"),
    *("search of 40, p95", "search of 40, p50", "cold shell search of 40"),
    *("record verified, entries/s", "search and its record, p50"),
}


@requirement("bench.bars")
def test_each_figure_stands_beside_the_bare_parts_and_its_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capture, "TIMES", 4)
    monkeypatch.setattr(capture, "_ENRICHED", 4)
    monkeypatch.setattr(record, "ENTRIES", 20)
    monkeypatch.setattr(record, "_AT_ONCE", 10)
    monkeypatch.setattr(record, "_TIMES", 2)
    monkeypatch.setattr(search, "_TIMES", 3)
    monkeypatch.setattr(search, "_STARTS", 1)

    main(["40"])

    shown = capsys.readouterr().out.splitlines()
    lines = [line for line in shown if "×" in line]
    found = {parts["name"].strip(): parts for each in lines if (parts := LINE.match(each))}
    assert len(found) == len(lines), lines
    assert set(found) == NAMES
    for parts in found.values():
        assert re.search(r"\d", parts["reference"])  # what the bare parts took, in this run
        assert float(parts["ratio"]) > 0


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("a", "2", "1", 2, 3), True),
        (Figure("a", "4", "1", 4, 3), False),
        (Figure("a", "1", "2", 0.5, 0.8, at_most=False), False),
        (Figure("a", "1", "2", 9, 400, amount=300, unit="MiB"), True),
        (Figure("a", "1", "2", 0.1, 2000, at_most=False, amount=1999, unit="a second"), False),
    ],
)
def test_a_bar_is_one_of_the_ratio_or_of_the_amount(
    figure: Figure,
    met: bool,  # noqa: FBT001 - a table
    capsys: pytest.CaptureFixture[str],
) -> None:
    show("Figures", [figure])

    assert figure.met is met
    assert LINE.match(capsys.readouterr().out.splitlines()[-1])
