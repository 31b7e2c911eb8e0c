"""The samples as the importer reads them, and the words their tests share."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from mnemosyne.memories.importing.detect import Format, detect, reader_for
from mnemosyne.memories.importing.entry import Entry, Problem, ReadOptions, Unit

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """One source of the samples, read."""

    format: Format
    units: tuple[Unit, ...]

    @property
    def entries(self) -> list[Entry]:
        return [entry for unit in self.units for entry in unit.entries]

    @property
    def problems(self) -> list[Problem]:
        return [problem for unit in self.units for problem in unit.problems]


def read(name: str, *, all_branches: bool = False) -> Sample:
    options = ReadOptions(all_branches=all_branches)
    form = detect(SAMPLES / name, options)
    return Sample(form, tuple(reader_for(form, options).units(SAMPLES / name)))


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / name).read_text(encoding="utf-8"))


def day_of(entry: Entry) -> date:
    assert entry.occurred is not None, entry.source_id
    return entry.occurred.at.date()
