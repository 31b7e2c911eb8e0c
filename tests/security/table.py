"""Every operation of the API: whom it admits, and how it is called."""

from collections.abc import Mapping
from typing import Final

from tests.security.policy import Operation
from tests.security.table_accounts import ACCOUNTS, WAYS_IN
from tests.security.table_identity import IDENTITY
from tests.security.table_memories import CONTACTS, GOING, MEMORIES
from tests.security.table_node import NODE
from tests.security.table_streams import HEALTH, RESOLVER, STREAMS

TABLE: Final[Mapping[str, Operation]] = {
    **HEALTH,
    **MEMORIES,
    **GOING,
    **CONTACTS,
    **STREAMS,
    **ACCOUNTS,
    **WAYS_IN,
    **RESOLVER,
    **IDENTITY,
    **NODE,
}
