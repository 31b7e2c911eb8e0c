"""Importing a module does nothing."""

import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT
from tests.requirements import requirement

PACKAGE = ROOT / "src" / "mnemosyne"
# Programs by their nature: Python runs one, Alembic the other.
RUN_BY_OTHERS = {PACKAGE / "__main__.py", PACKAGE / "migrations" / "env.py"}


def modules_below(folder: Path, root: Path) -> list[str]:
    return [
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(folder.rglob("*.py"))
        if path not in RUN_BY_OTHERS
    ]


def import_everything(names: list[str], *roots: Path) -> list[str]:
    program = (
        f"import sys; sys.path[:0] = {[str(root) for root in (ROOT, *roots)]!r}; "
        "from tests.house.import_everything import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        input="\n".join(names),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@requirement("house.inert-import")
def test_importing_any_module_opens_no_file_and_starts_nothing() -> None:
    names = modules_below(PACKAGE, ROOT / "src")

    assert "mnemosyne.kit.ids" in names
    assert import_everything(names) == []


def test_a_module_that_acts_on_import_is_found(tmp_path: Path) -> None:
    package = tmp_path / "mnemosyne_planted"
    package.mkdir()
    (package / "reads.py").write_text("from pathlib import Path\nPath(__file__).read_text()\n")
    (package / "writes.py").write_text(f"open({str(tmp_path / 'x')!r}, 'w').close()\n")
    (package / "starts.py").write_text("import threading\nthreading.Thread(target=int).start()\n")
    (package / "calls.py").write_text("import socket\nsocket.socket().close()\n")
    (package / "still.py").write_text("import json, pathlib\n")

    found = import_everything(modules_below(package, tmp_path), tmp_path)

    assert {line.split(":")[0].removeprefix("mnemosyne_planted.") for line in found} == {
        "reads",
        "writes",
        "starts",
        "calls",
    }
