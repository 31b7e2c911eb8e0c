"""What `--help` lists, under a few plain headings, without boxes."""

from collections import defaultdict
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

_COMMANDS = "Commands"
_RAISED = "Value error, "


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


class Plain(TyperCommand):
    """Writes each argument under its name; only a choice is said to be one, for its words."""

    def parse_args(self, ctx: Any, args: Any) -> Any:  # noqa: ANN401 - as above
        """Read the arguments; what is wrong with one is said without the name of an exception."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix(_RAISED)
            raise

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """Write arguments and options, each with its help."""
        rows: dict[str, list[tuple[str, str]]] = {"argument": [], "option": []}
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is not None:
                name, said = record
                kind = parameter.param_type_name
                plain = kind == "argument" and "|" not in name
                rows[kind].append((name.split(" <")[0] if plain else name, said))
        for heading, members in (("Arguments", rows["argument"]), ("Options", rows["option"])):
            if members:
                with formatter.section(heading):
                    formatter.write_dl(members)
