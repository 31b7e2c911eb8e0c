"""Exports over HTTP: a selection of memories as JSON lines or Markdown."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Request
from pydantic import Field
from starlette.responses import Response

from mnemosyne.api.downloads import download
from mnemosyne.api.memory.filters import PrivateNarrowing
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.storage import WRITING
from mnemosyne.http.admission import needs
from mnemosyne.kit.crypto.spool import Spool
from mnemosyne.kit.principal import Scope
from mnemosyne.safekeeping.selection import Exported, ExportForm

exports = Operations("exports")
JSON_LINES: Final = "application/jsonl"
MARKDOWN: Final = "text/markdown; charset=utf-8"
_TYPES: Final[Mapping[ExportForm, tuple[str, str]]] = {
    ExportForm.JSONL: (JSON_LINES, "memories.jsonl"),
    ExportForm.MARKDOWN: (MARKDOWN, "memories.md"),
}
_COUNT: Final = {"schema": {"type": "integer", "minimum": 0}, "required": True}


class ExportRequest(PrivateNarrowing):
    """Which memories should leave, in which form."""

    format: Annotated[ExportForm, Field(strict=False)] = ExportForm.JSONL
    redact: bool = Field(
        default=False,
        description="Let every text leave with its secrets masked; otherwise a text that may hold "
        "one, or was not looked at yet, stays.",
    )


@exports.post(
    "/v1/exports",
    admits=needs(Scope.MEMORY_READ),
    refuses=(
        "body-cut-off",
        "too-many-jobs",
        "spool-full",
        "record-gone",
        *WRITING,
    ),
    response_class=Response,
    responses={
        200: {
            "description": "The memories, the earliest first.",
            "content": {
                JSON_LINES: {"schema": {"type": "string"}},
                MARKDOWN: {"schema": {"type": "string"}},
            },
            "headers": {
                "Memories-Written": {"description": "How many left.", **_COUNT},
                "Memories-Held-Back": {
                    "description": "How many stayed: they may hold a secret, or were not looked "
                    "at yet.",
                    **_COUNT,
                },
            },
        }
    },
)
async def export_memories(
    request: Request, wanted: ExportRequest, caller: Caller, node: Node
) -> Response:
    """Take a selection of memories out, whole or not at all.

    Whoever goes away before it is made cancels it. That it left stands in the record before it
    does.
    """
    chosen = await wanted.narrowed(node, caller)
    media_type, name = _TYPES[wanted.format]

    async def make(spool: Spool) -> Exported:
        return await node.selection.write_to(
            caller, chosen, spool, wanted.format, redacted=wanted.redact
        )

    def about(done: Exported) -> tuple[str, Mapping[str, str]]:
        return media_type, {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Memories-Written": str(done.written),
            "Memories-Held-Back": str(done.held_back),
        }

    return await download(request, node, caller, make, about)
