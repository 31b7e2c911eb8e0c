"""Templates: everything escaped, a name that is missing is an error, dates as words."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from mnemosyne.accounts.device_names import device_name
from mnemosyne.web.static_files import StaticFiles

# What a page says is about one person, and a shared machine keeps what browsers cache.
VARYING: Final = {"Vary": "Cookie, Accept"}
_NOT_KEPT: Final = {"Cache-Control": "no-store", **VARYING}


class Templates:
    """The templates of the package."""

    def __init__(self, static: StaticFiles) -> None:
        self._environment = Environment(
            loader=PackageLoader("mnemosyne.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["linked"] = linked
        self._environment.filters["quoting"] = quoting
        self._environment.filters["rfc3339"] = rfc3339
        self._environment.filters["spoken"] = spoken
        self._environment.filters["device"] = device_name
        self._environment.globals["static"] = static.address

    def page(
        self,
        name: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,  # noqa: ANN401 - what the template names
    ) -> HTMLResponse:
        """Return the page ``name`` filled with ``values``."""
        html = self.text(name, page=name, **values)
        return HTMLResponse(html, status, {**_NOT_KEPT, **(headers or {})})

    def text(self, name: str, **values: Any) -> Markup:  # noqa: ANN401 - what the template names
        """Return the template ``name`` filled with ``values``."""
        return Markup(self._environment.get_template(f"{name}.html").render(**values))  # noqa: S704 - escaped by the template


def quoting(text: str) -> Markup:
    """Return a text of ours in which what stands between backticks is code."""
    parts = text.split("`")
    return Markup().join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def linked(words: str, names: Sequence[str]) -> Markup:
    """Return a type in words in which each schema that it names is a link to it."""
    if not names:
        return escape(words)
    parts = re.split(f"\\b({'|'.join(map(re.escape, names))})\\b", words)
    return Markup().join(
        Markup('<a href="#schema-{0}">{0}</a>').format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def rfc3339(moment: datetime) -> str:
    """Return a moment as the ``datetime`` of a ``time`` element."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def spoken(moment: datetime) -> str:
    """Return a moment in words; a module puts the reader's own zone in its place."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {utc:%B %Y, %H:%M} UTC"
