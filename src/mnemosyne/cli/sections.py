"""The list of commands under a few plain headings, without boxes."""

from collections import defaultdict
from typing import Any

from typer.core import TyperGroup

_COMMANDS = "Commands"


class Sections(TyperGroup):
    """Writes each command under the heading it was registered with."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer keeps these types to itself
        """Write the names and first sentences of the commands."""
        width = max(map(len, self.commands))
        rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for name in self.list_commands(ctx):
            command = self.commands[name]
            said = command.get_short_help_str(formatter.width - width - 6)
            heading = getattr(command, "rich_help_panel", None) or _COMMANDS
            rows[heading].append((f"{name:<{width}}", said))
        for heading, members in rows.items():
            with formatter.section(heading):
                formatter.write_dl(members)
