"""What the resolver is given: the DIDs of this node's people."""

from typing import Protocol

from mnemosyne.identity.log import History


class HostedLogs(Protocol):
    """The logs that strangers may read, and the way in for new entries.

    Logs that a person follows are not among them: serving those would tell whom a person knows.
    """

    async def find(self, did: str) -> History | None:
        """Return the history of a DID that is hosted here, None for any other."""
        ...

    async def submit(self, did: str, data: bytes) -> History:
        """Add entries of a hosted DID and return what the log says with them.

        Raises:
            LogError: they do not validly extend it.
        """
        ...
