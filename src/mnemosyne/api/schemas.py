"""What every schema of the API shares, and the schema of its problems."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(_rfc3339, return_type=str, when_used="json")]
"""A moment, as RFC 3339 writes it, in UTC."""
IDENTIFIER: Final = r"^[0-9a-f]{32}$"
Id = Annotated[str, Field(pattern=IDENTIFIER, examples=["0193c1e2a4b87f0c9d3e5a6b7c8d9e0f"])]
"""An identifier: a UUIDv7 in 32 hexadecimal digits."""


class Document(BaseModel):
    """What the API answers with: nothing beyond what is declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Request(BaseModel):
    """What the API is sent: nothing beyond what is declared, and nothing coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Problem(BaseModel):
    """An error (RFC 9457). ``type`` has a page that says what it means and what to do."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(examples=["/problems/memory-not-found"])
    code: str = Field(examples=["memory-not-found"])
    title: str
    status: int = Field(ge=400, le=599)
    detail: str | None = None
    hint: str | None = None
    errors: list[dict[str, Any]] | None = None
