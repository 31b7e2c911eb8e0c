"""Whether the node lives, is ready, and has started: for whoever supervises it."""

from typing import Literal

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.api.operations import Node, Operations
from mnemosyne.api.schemas import Document
from mnemosyne.api.storage import READING
from mnemosyne.http.admission import PUBLIC
from mnemosyne.kit.errors import MnemosyneError

health = Operations("health")


class NobodyHereError(MnemosyneError):
    """Whoever had this node has erased themself: nobody can sign in to it any more."""

    code = "nobody-here"

    def __init__(self) -> None:
        super().__init__(
            "there is nobody on this node any more",
            why="Its only person has erased themself, so nobody can sign in or be invited.",
            hint="Whoever runs the machine can stop the node and begin a vault in another folder.",
        )


class Health(Document):
    """That it is so; otherwise the answer is a problem."""

    status: Literal["ok"] = "ok"


@health.get("/health/live", admits=PUBLIC)
async def live() -> Health:
    """Say that the process answers."""
    return Health()


@health.get("/health/ready", admits=PUBLIC, refuses=("nobody-here", *READING))
async def ready(node: Node) -> Health:
    """Say that the vault is open and answers, and that there is somebody to serve."""

    def look(tx: Connection) -> bool:
        return accounts.first(tx) is not None

    if not await node.database.read(look):
        raise NobodyHereError
    return Health()


@health.get("/health/startup", admits=PUBLIC)
async def startup() -> Health:
    """Say that the node has started; before that nothing listens."""
    return Health()
