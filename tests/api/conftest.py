"""A resolver over the examples, for tests that only read."""

import pytest
from starlette.types import ASGIApp

from mnemosyne.api.guard import Face
from mnemosyne.api.resolver import resolver_app
from mnemosyne.identity.examples import Examples
from mnemosyne.identity.log import History
from tests.clock import SetClock


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples(SetClock())


@pytest.fixture(scope="module")
def app(examples: Examples) -> ASGIApp:
    return resolver_app(examples, SetClock(), Face())


@pytest.fixture(scope="module")
def active(examples: Examples) -> History:
    return examples.history(examples.active)
