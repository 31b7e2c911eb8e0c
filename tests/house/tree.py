"""The files of this repository, as a fresh clone would show them."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def files() -> Iterator[Path]:
    """Yield every file below the root that ``.gitignore`` does not name."""
    ignored = {".git", *(line.rstrip("/") for line in _lines(ROOT / ".gitignore"))}
    waiting = [ROOT]
    while waiting:
        for entry in sorted(waiting.pop().iterdir()):
            if any(entry.match(pattern) for pattern in ignored):
                continue
            if entry.is_dir() and not entry.is_symlink():
                waiting.append(entry)
            elif entry.is_file():
                yield entry


def text_files() -> Iterator[tuple[Path, str]]:
    """Yield each file that holds UTF-8 text, with that text."""
    for path in files():
        try:
            yield path, path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
