"""Whom a command acts for: the person whose node it is, or another one who is named."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Protocol, TypeVar

import typer

from mnemosyne.cli.running import Work
from mnemosyne.kit.errors import MnemosyneError

if TYPE_CHECKING:  # the services bring the database; `--help` goes without
    from mnemosyne.application import Application
    from mnemosyne.kit.principal import Principal

T = TypeVar("T")

Person = Annotated[
    str,
    typer.Option("--person", metavar="NAME", help="For this person of the node instead of you."),
]


class Identified(Protocol):
    """Something that is referred to by its identifier, or the end of it."""

    @property
    def id(self) -> str:
        """Return the identifier."""
        ...


Found = TypeVar("Found", bound=Identified)


def acting_for(person: str, work: Work[T]) -> Work[T]:
    """Return ``work`` as done for ``person``, or for whoever is at the machine.

    Whoever can unlock the vault can do anything in it; this only spares them the detour.
    """

    async def done(app: "Application", me: "Principal") -> T:
        if not person:
            return await work(app, me)
        found = await app.people.find(me, person)
        return await work(app, replace(me, person=found.id))

    return done


def one_of(found: Sequence[Found], reference: str, missing: MnemosyneError) -> Found:
    """Return what ``reference`` is the identifier of, or the end of it.

    Raises:
        MnemosyneError: ``missing``, where it is of none or of several.
    """
    wanted = reference.strip().lower()
    fitting = [each for each in found if wanted and each.id.endswith(wanted)]
    if len(fitting) != 1:
        raise missing
    return fitting[0]
