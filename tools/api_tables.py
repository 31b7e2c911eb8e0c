"""The tables of docs/api.md, made from the code: every operation, and every code of a problem.

`python -m tools.api_tables` writes them anew; a test compares the page with them.
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import mnemosyne.bootstrap  # noqa: F401 - brings every class of errors
from mnemosyne.api.app import openapi_document
from mnemosyne.web.messages import in_groups, messages

PAGE: Final = Path(__file__).parents[1] / "docs" / "api.md"
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_BLOCK: Final = "<!-- {name}: written by tools/api_tables.py -->"
_END: Final = "<!-- end -->"


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and description of every operation."""
    for path, item in _paths().items():
        for method in _METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def operations_table() -> str:
    """Return the table of operations, a part for each noun, in the order of the document."""
    parts: dict[str, list[str]] = {}
    for method, path, operation in operations():
        noun = str((operation.get("tags") or ["resolver"])[0])
        row = f"| `{method} {path}` | {_admits(operation)} | {_sentence(operation)} |"
        parts.setdefault(noun, []).append(row)
    return "\n\n".join(
        "\n".join([f"**{noun}**", "", "| operation | who | what |", "|---|---|---|", *rows])
        for noun, rows in parts.items()
    )


def problems_table() -> str:
    """Return the table of codes, by status."""
    rows = ["| status | code | what happened |", "|---|---|---|"]
    for status, _, found in in_groups(messages()):
        rows += [f"| {status} | `{each.code}` | {each.meaning} |" for each in found]
    return "\n".join(rows)


def rendered(page: str) -> str:
    """Return the page with its tables as they have to be."""
    for name, table in (("operations", operations_table()), ("problems", problems_table())):
        begin = _BLOCK.format(name=name)
        before, found, rest = page.partition(begin)
        if not found:
            message = f"docs/api.md has no place for {name}"
            raise ValueError(message)
        page = f"{before}{begin}\n\n{table}\n\n{rest[rest.index(_END) :]}"
    return page


@cache  # which takes a second
def _paths() -> dict[str, dict[str, dict[str, Any]]]:
    paths: dict[str, dict[str, dict[str, Any]]] = openapi_document()["paths"]
    return paths


def _admits(operation: dict[str, Any]) -> str:
    ways: list[dict[str, list[str]]] = operation.get("security") or []
    if not ways:
        return "anybody"
    scopes = ways[0].get("session", [])
    said = [f"`{scope}`" for scope in scopes] or ["signed in"]
    if not any("token" in way for way in ways):
        said.append("session")
    if operation.get("x-step-up"):
        said.append("step-up")
    return ", ".join(said)


def _sentence(operation: dict[str, Any]) -> str:
    said = operation.get("description") or operation["summary"]
    return " ".join(re.split(r"(?<=\.)\s", said.strip(), maxsplit=1)[0].split())


def main() -> None:
    """Write the tables into the page."""
    text = PAGE.read_text("utf-8")
    made = rendered(text)
    PAGE.write_text(made, "utf-8")
    sys.stdout.write("docs/api.md is as it was.\n" if made == text else "docs/api.md is anew.\n")


if __name__ == "__main__":
    main()
