"""Resolvers that answer over a socket: one alone, one as a part of the node."""

from tests.resolvers import closed_node, resolvers  # noqa: F401 - fixtures
from tests.serving import node_template  # noqa: F401 - a fixture
