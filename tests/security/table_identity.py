"""Operations on who a person is, and whose DIDs they follow: how each is called."""

from collections.abc import Mapping
from typing import Final

from mnemosyne.kit.principal import Scope
from tests.security.policy import Operation
from tests.security.rows import ANOTHER_PHRASE, PHRASE, with_did

READ: Final = Scope.MEMORY_READ
ACCOUNT: Final = Scope.ACCOUNT_MANAGE
CHANGE: Final = {"node_endpoint": "https://node.example"}


def own(whom: Scope = ACCOUNT, body: object = None, *, step_up: bool = False) -> Operation:
    """Return an operation on one's own DID."""
    return Operation(whom, step_up=step_up, body=body, alone=True, before=with_did)


IDENTITY: Final[Mapping[str, Operation]] = {
    "create_did": Operation(ACCOUNT, step_up=True, body={"phrase": PHRASE}, alone=True, status=201),
    "read_did": own(READ),
    "update_did": own(body=CHANGE, step_up=True),
    "read_did_log": own(READ),
    "preview_did": own(body=CHANGE),
    "rotate_did": own(body={}, step_up=True),
    "deactivate_did": own(step_up=True),
    "end_did": own(body={"phrase": PHRASE}, step_up=True),
    "confirm_did": own(body={"newest": "nothing-newer"}, step_up=True),
    "plan_recovery": own(body={}),
    "recover_did": own(body={"phrase": PHRASE}, step_up=True),
    "rehearse_recovery": own(body={"phrase": PHRASE}, step_up=True),
    "make_phrase": Operation(ACCOUNT),
    "replace_phrase": own(body={"old": PHRASE, "new": ANOTHER_PHRASE}, step_up=True),
    "make_card": own(READ, body={}),
    "list_dids": Operation(READ),
    "follow_did": Operation(Scope.MEMORY_WRITE, body={"card": "{own_card}", "name": "{key}"}),
    "take_card": Operation(Scope.MEMORY_WRITE, body={"card": "{own_card}"}),
    "resolve_did": Operation(READ, path={"did": "followed"}),
}
