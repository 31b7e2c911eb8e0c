"""A resolver over the examples, alone and as a part of the node, for tests of both."""

import pytest
from starlette.types import ASGIApp

from mnemosyne.identity.examples import Examples
from mnemosyne.identity.log import History
from tests.clock import SetClock
from tests.resolvers import Resolvers, closed_node, resolvers  # noqa: F401 - fixtures
from tests.serving import node_template, served  # noqa: F401 - fixtures


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples(SetClock())


@pytest.fixture(scope="module")
def app(examples: Examples, resolvers: Resolvers) -> ASGIApp:  # noqa: F811 - the fixture above
    return resolvers(examples, SetClock())


@pytest.fixture(scope="module")
def active(examples: Examples) -> History:
    return examples.history(examples.active)
