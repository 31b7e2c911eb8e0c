"""The commands as the tests walk over them."""

from collections.abc import Iterator, Sequence

from mnemosyne.cli.table import TABLE, Command, Group


def every_command() -> dict[str, Command]:
    """Return each command by its whole name, such as “bin list”."""
    return dict(pair for _, entries in TABLE for pair in _walk(entries, ""))


def _walk(entries: Sequence[Command | Group], prefix: str) -> Iterator[tuple[str, Command]]:
    for entry in entries:
        match entry:
            case Command():
                yield prefix + entry.name, entry
            case Group():
                yield from _walk(entry.commands, f"{prefix}{entry.name} ")
