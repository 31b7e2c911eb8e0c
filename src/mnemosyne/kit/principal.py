"""Who asks, and what they may do. Made by entrypoints and transports, never by services."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier


class Scope(StrEnum):
    """Every permission there is; transports grant them, services require them."""

    MEMORY_READ = "memory:read"
    MEMORY_WRITE = "memory:write"
    MEMORY_ERASE = "memory:erase"
    REFLECTION_RUN = "reflection:run"
    SIGNAL_READ = "signal:read"
    SIGNAL_PUBLISH = "signal:publish"
    SHARE_MANAGE = "share:manage"
    COLLECTIVE_USE = "collective:use"
    ACCOUNT_MANAGE = "account:manage"
    ADMIN = "admin"


class MissingScopeError(MnemosyneError):
    """The credential does not carry a scope that the use case needs."""

    code = "missing-scope"

    def __init__(self, scope: Scope, credential: str) -> None:
        super().__init__(
            f"this credential may not do that: it lacks “{scope}”",
            why=f"The credential is “{credential}”.",
            hint="Use a credential with that scope, or do it from the shell of the node.",
        )
        self.scope = scope
        self.credential = credential


class NeedsSecretError(MnemosyneError):
    """What was asked needs a secret of the person, and not what a key holder gives out."""

    code = "needs-secret"

    def __init__(self) -> None:
        super().__init__(
            "this needs the passphrase, a key file or the recovery phrase once more",
            why="While the vault is unlocked for a time, every program of the account can read and "
            "change it; what concerns its keys, backups and archives, or erases more than one "
            "memory, is asked for again.",
            hint="Run it on a terminal, or with MNEMOSYNE_KEY_FILE or --phrase-file.",
        )


@dataclass(frozen=True, slots=True)
class Principal:
    """A person acting through a credential (a reference that the audit names) on a channel.

    ``held`` tells that no secret was given: a key holder has opened the vault.
    """

    person: Identifier
    scopes: frozenset[Scope]
    credential: str
    channel: str
    held: bool = False

    @classmethod
    def local(cls, person: Identifier, channel: str = "shell") -> Self:
        """Return the principal of someone at this machine, who unlocked the vault: every scope."""
        return cls(person, frozenset(Scope), "local", channel)

    def require_secret(self) -> None:
        """Refuse where the vault was opened by a key holder.

        Raises:
            NeedsSecretError: it was.
        """
        if self.held:
            raise NeedsSecretError

    def require(self, scope: Scope) -> None:
        """Refuse unless the credential carries ``scope``.

        Raises:
            MissingScopeError: it does not.
        """
        if scope not in self.scopes:
            raise MissingScopeError(scope, self.credential)
