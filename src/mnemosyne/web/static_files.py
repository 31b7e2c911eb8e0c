"""Styles, scripts and pictures: read once, served below a hash of all of them, kept for a year.

The hash is a folder, since modules name each other by relative paths and import maps would have to
be inline, which the content security policy forbids.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final, Self

from starlette.requests import Request
from starlette.responses import Response

from mnemosyne.http.problems import problem, respond

FOLDER: Final = "/static"
_KEPT: Final = "public, max-age=31536000, immutable"
_MEDIA_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_HASH_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """Every static file by its path, and the version that all of them together have."""

    version: str
    contents: Mapping[str, bytes]

    @classmethod
    def of(cls, contents: Mapping[str, bytes]) -> Self:
        """Return the files with the version that follows from their paths and bytes."""
        whole = sha256()
        for path in sorted(contents):
            whole.update(sha256(path.encode("utf-8")).digest())
            whole.update(sha256(contents[path]).digest())
        return cls(whole.hexdigest()[:_HASH_LENGTH], MappingProxyType(dict(contents)))

    @classmethod
    def of_package(cls) -> Self:
        """Read the files that come with the package."""
        return cls.of(dict(_below(files("mnemosyne.web") / "static")))

    def address(self, path: str) -> str:
        """Return where ``path`` is served.

        Raises:
            KeyError: there is no such file; a template is wrong.
        """
        if path not in self.contents:
            raise KeyError(path)
        return f"{FOLDER}/{self.version}/{path}"

    async def serve(self, request: Request) -> Response:
        """Answer a request for a file; one of another version is not there."""
        path = request.path_params["path"]
        content = self.contents.get(path)
        if content is None or request.path_params["version"] != self.version:
            return respond(problem(404, "no-such-page", "There is nothing at this address."))
        headers = {"Cache-Control": _KEPT}
        return Response(content, headers=headers, media_type=_MEDIA_TYPES[path.rpartition(".")[2]])


def _below(folder: Traversable, before: str = "") -> Iterator[tuple[str, bytes]]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            yield from _below(each, f"{before}{each.name}/")
        elif each.name.rpartition(".")[2] in _MEDIA_TYPES:
            yield before + each.name, each.read_bytes()
