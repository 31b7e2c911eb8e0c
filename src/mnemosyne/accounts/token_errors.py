"""What can go wrong with a token, in words a person can act on."""

from collections.abc import Iterable

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier


class TokenNotFoundError(MnemosyneError):
    """The person has no such token; another person's answers exactly the same."""

    code = "token-not-found"

    def __init__(self, token_id: Identifier) -> None:
        super().__init__(
            "you have no such token",
            why="It was revoked, or it was never yours.",
            hint="`mnemosyne account tokens` lists those you have.",
        )
        self.token_id = token_id


class TokenNameError(MnemosyneError):
    """A token cannot be called that."""

    code = "token-name"

    def __init__(self, longest: int) -> None:
        super().__init__(
            "a token cannot be called that",
            why="Its name is all that tells it from your other tokens later.",
            hint=f"Use 1 to {longest} visible characters, such as the name of the script.",
        )


class TokenScopesError(MnemosyneError):
    """A token cannot be given these permissions, or none at all."""

    code = "token-scopes"

    def __init__(self, grantable: Iterable[str]) -> None:
        super().__init__(
            "a token cannot be given that",
            why="A script may read, write, and work with what it reads; erasing, sharing, "
            "publishing and your account stay with you.",
            hint=f"Name at least one of: {', '.join(sorted(grantable))}.",
        )


class TokenExpiryError(MnemosyneError):
    """A token would last for no time, or for too long."""

    code = "token-expiry"

    def __init__(self, longest: int, usual: int) -> None:
        super().__init__(
            "a token cannot last for that time",
            why="A token that is forgotten somewhere has to stop by itself.",
            hint=f"Give it up to {longest} days; {usual} are usual.",
        )
