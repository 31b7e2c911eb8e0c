"""One node for a module: opening a vault takes longer than most of what is asked of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import mnemosyne
from tests.security.world import World, inhabited
from tests.serving import node_template

__all__ = ["node_template"]


@pytest.fixture
def pages() -> list[Path]:
    """Give every file that a browser is sent."""
    web, kinds = Path(mnemosyne.__file__).parent / "web", {".html", ".js", ".css", ".svg"}
    return [each for each in web.rglob("*") if each.suffix in kinds]


@pytest.fixture
async def world(node_template: Path, tmp_path: Path) -> AsyncIterator[World]:
    """Give a node of the test's own."""
    async with inhabited(node_template, tmp_path) as made:
        yield made
