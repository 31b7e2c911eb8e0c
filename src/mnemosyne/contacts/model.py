"""Values of the contacts feature."""

from dataclasses import dataclass

from mnemosyne.kit.ids import Identifier


@dataclass(frozen=True, slots=True)
class ById:
    """A contact by its identifier, where a name of theirs could stand as well."""

    id: Identifier


Who = str | ById


@dataclass(frozen=True, slots=True)
class Contact:
    """Someone the person knows, with every name they go by."""

    id: Identifier
    name: str
    aliases: tuple[str, ...]
    source: str
    did: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of this contact, the main one first."""
        return (self.name, *self.aliases)
