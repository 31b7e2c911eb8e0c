"""What is the same until the next start: made once for everybody, and known again by its ETag."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Final, Generic, Self, TypeVar

from starlette.requests import Request
from starlette.responses import Response

T = TypeVar("T")

_ASK_AGAIN: Final = {"Cache-Control": "no-cache"}
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_NOT_MODIFIED: Final = 304


class Once(Generic[T]):
    """A value that a thread makes when it is first asked for, once for all who wait for it."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._making: asyncio.Future[T] | None = None

    async def get(self) -> T:
        """Return the value; where making it failed, that is raised, and the next one tries anew."""
        if self._making is None or _failed(self._making):
            self._making = asyncio.ensure_future(asyncio.to_thread(self._make))
        # Whoever goes away while it is made does not end it for the others.
        return await asyncio.shield(self._making)


@dataclass(frozen=True, slots=True)
class Unchanging:
    """Bytes of one media type, and what names them (RFC 9110 §8.8.3)."""

    content: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> Self:
        """Return ``content`` with the name that follows from it."""
        return cls(content, media_type, f'"{sha256(content).hexdigest()[:32]}"')

    def answer(self, request: Request, headers: Mapping[str, str] = _NONE) -> Response:
        """Answer with it, or with 304 where the client says that it has it."""
        more = {**_ASK_AGAIN, **headers, "ETag": self.etag}
        if self._is_known(request):
            return Response(status_code=_NOT_MODIFIED, headers=more)
        return Response(self.content, headers=more, media_type=self.media_type)

    def _is_known(self, request: Request) -> bool:
        stated = ",".join(request.headers.getlist("if-none-match")).split(",")
        return not {"*", self.etag}.isdisjoint(each.strip().removeprefix("W/") for each in stated)


def _failed(making: "asyncio.Future[T]") -> bool:
    return making.done() and (making.cancelled() or making.exception() is not None)
