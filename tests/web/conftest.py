"""Pages over a real vault with two people, without a browser."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from mnemosyne.accounts.credentials import CredentialKind
from mnemosyne.accounts.model import Person
from mnemosyne.api.app import node_app
from mnemosyne.http.limits import Limits, Rates
from mnemosyne.web.routes import Pages
from tests.serving import ADDRESS, Served, node_template, served, serving

__all__ = ["node_template", "served"]
OPENED: dict[str, str] = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}


@dataclass(frozen=True)
class Site:
    """A node with its pages, and what a browser would send."""

    served: Served
    limits: Limits

    def stranger(self) -> httpx.AsyncClient:
        """Return a browser in which nobody is signed in."""
        return self.served.client(**OPENED)

    async def person(
        self, who: Person, kind: CredentialKind = CredentialKind.SESSION
    ) -> httpx.AsyncClient:
        """Return a browser in which ``who`` is signed in."""
        client = await self.served.as_person(who, kind)
        client.headers.update(OPENED)
        return client


@pytest.fixture
async def site(node_template: Path, tmp_path: Path) -> AsyncIterator[Site]:
    """Serve a node with its pages, in process."""
    async with serving(node_template, tmp_path) as made:
        pages = Pages()
        limits = Limits(made.clock, Rates.of(10_000))
        made.app = pages.readable(node_app(made.node, ADDRESS, limits, pages=pages.routes))
        yield Site(made, limits)
