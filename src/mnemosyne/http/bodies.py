"""The body of a request: bounded while it comes, and read as JSON in one strict way."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final, cast

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

from mnemosyne.http.aside import LARGE, aside
from mnemosyne.kit import strict_json
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.strict_json import StrictJsonError

LARGEST: Final = 256 * 1024
"""Bytes of most bodies (operations.md §9)."""
LARGEST_TEXTS: Final = 8 * 1024 * 1024
"""Bytes of a body that brings memories."""
DEEPEST: Final = 16
MOST_VALUES: Final = 20_000
"""Values in a body: reading and checking it costs by them. A hundred memories have fewer."""
PATIENCE: Final = 30.0
"""For how many seconds the next piece of a body is waited for."""
JSON: Final = "application/json"


class BodyTooLargeError(MnemosyneError):
    """More was sent than the operation takes."""

    code = "body-too-large"

    def __init__(self, largest: int) -> None:
        super().__init__(
            "the body of the request is too large",
            why=f"This operation takes at most {largest} bytes.",
            hint="Send it in parts, or import it as a file.",
        )
        self.largest = largest


class MalformedJsonError(MnemosyneError):
    """The body is not JSON that can be read in one way only."""

    code = "malformed-json"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "the body of the request cannot be read as JSON",
            why=f"{reason.rstrip('.')}.",
            hint="Send one JSON value in UTF-8, without doubled names, at most "
            f"{DEEPEST} levels deep and {MOST_VALUES:,} values in all.",
        )


class MediaTypeError(MnemosyneError):
    """The body is of a kind that the operation does not take."""

    code = "unsupported-media-type"

    def __init__(self, wanted: str) -> None:
        super().__init__(
            "the body of the request is of another kind than this operation takes",
            why=f"It takes {wanted}.",
            hint=f"Send it with “Content-Type: {wanted}”.",
        )


class BodyCutOffError(MnemosyneError):
    """The client went away before its body was whole."""

    code = "body-cut-off"

    def __init__(self) -> None:
        super().__init__(
            "the body of the request was cut off",
            why="The connection ended before all of it had come.",
            hint="Send it again; nothing of it was kept.",
        )


class BodyStalledError(MnemosyneError):
    """Nothing more of a body came for a while."""

    code = "body-stalled"

    def __init__(self) -> None:
        super().__init__(
            "the rest of the body did not come",
            why=f"For {PATIENCE:g} seconds nothing was sent.",
            hint="Send it again; nothing of it was kept.",
        )


class StrictRequest(Request):
    """A request whose body is counted while it comes, and parsed strictly."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        largest: int = LARGEST,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(scope, receive)
        self._largest = largest
        self._patience = patience

    async def stream(self) -> AsyncIterator[bytes]:  # type: ignore[override] # as Starlette's, counted
        """Yield the body as it comes.

        Raises:
            BodyTooLargeError: more came than the operation takes.
            BodyStalledError: nothing came for a while.
            BodyCutOffError: nobody is there any more.
        """
        self._check(self.headers.get("content-length", ""))
        taken = 0
        chunks = super().stream()
        while True:
            try:
                async with asyncio.timeout(self._patience):
                    chunk = await anext(chunks, None)
            except TimeoutError as error:
                raise BodyStalledError from error
            except ClientDisconnect as error:
                raise BodyCutOffError from error
            if chunk is None:
                return
            taken += len(chunk)
            if taken > self._largest:
                raise BodyTooLargeError(self._largest)
            yield chunk

    async def json(self) -> Any:  # noqa: ANN401 - as Starlette's
        """Return the body as a JSON value.

        Raises:
            MalformedJsonError: it is none.
        """
        if not hasattr(self, "_json"):
            try:
                parsed = await self._parsed(await self.body())
            except StrictJsonError as error:
                raise MalformedJsonError(error.reason) from error
            self._json = parsed
        return cast("Any", self._json)

    async def _parsed(self, body: bytes) -> Any:  # noqa: ANN401 - as `json`
        parse = partial(
            strict_json.parse, body, largest=self._largest, deepest=DEEPEST, most=MOST_VALUES
        )
        return await aside(parse) if len(body) > LARGE else parse()

    def require_media_type(self, wanted: str) -> None:
        """Refuse another kind of body; its parameters are not looked at.

        Raises:
            MediaTypeError: it is of another kind.
        """
        given = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given != wanted:
            raise MediaTypeError(wanted)

    def _check(self, stated: str) -> None:
        if stated.isdecimal() and int(stated[:20]) > self._largest:
            raise BodyTooLargeError(self._largest)
