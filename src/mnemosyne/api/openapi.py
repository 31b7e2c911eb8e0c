"""The OpenAPI 3.1 document: what FastAPI derives from the operations, with how one signs in."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from mnemosyne.api.identity import resolving_paths
from mnemosyne.api.schemas import Problem
from mnemosyne.http.bodies import JSON
from mnemosyne.http.guard import SESSION_COOKIE
from mnemosyne.http.unchanging import Unchanging

_ABOUT: Final = (
    "Everything the node does, for its people and for programs that they trust. Times are "
    "RFC 3339 in UTC; identifiers are 32 hexadecimal digits; errors are problem details "
    "(RFC 9457) whose `code` is stable. What is another person’s is answered "
    "as what does not exist."
)


def written(document: Mapping[str, Any]) -> Unchanging:
    """Return the document as it is sent."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Unchanging.of(text.encode("utf-8"), JSON)


def described(routes: Sequence[BaseRoute], version: str) -> dict[str, Any]:
    """Return the document of operations, and of the resolver's paths beside them."""
    made = get_openapi(title="Mnemosyne", version=version, description=_ABOUT, routes=routes)
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas[Problem.__name__] = Problem.model_json_schema()
    schemas.update(resolving_paths.SCHEMAS)
    made["paths"].update(resolving_paths.PATHS)
    # Ours say what FastAPI's would: every validation error is a problem like others.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "mnem_…"},
    }
    return made
