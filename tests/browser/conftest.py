"""Browser tests: `make test-browser` names a Chromium for them, and without one none is seen."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.node import ServedNode, serve_node

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.browsing import Browsing


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option by which the tests run."""
    parser.addoption("--chromium", metavar="PATH", help="Drive the pages in this Chromium.")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect nothing here unless a Chromium is named."""
    if collection_path.suffix != ".py" or config.getoption("--chromium", None):
        return None
    return True


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> "Iterator[Browser]":
    """Start Chromium once."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - of another lock

    with sync_playwright() as playwright:
        path = request.config.getoption("--chromium")
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedNode]:
    """Serve a vault as `mnemosyne serve` does, in a process of its own, for all tests."""
    with serve_node(tmp_path_factory.mktemp("node")) as served:
        yield served


@pytest.fixture
def browsing(chromium: "Browser", node: ServedNode) -> "Iterator[Browsing]":
    """Browse as somebody; whatever the policy of the pages reports fails the test."""
    from tests.browser.browsing import Browsing  # noqa: PLC0415 - of another lock

    made = Browsing(chromium, node)
    yield made
    made.close()
    assert made.reports == []
