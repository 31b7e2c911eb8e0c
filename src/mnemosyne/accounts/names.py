"""What the people of a node may be called: visible, short, and not to be mistaken for another."""

import unicodedata
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.text import visible

LONGEST: Final = 100
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# Letters of other scripts that are drawn like Latin ones in common typefaces: those of UTS #39's
# confusables.txt that names are written with.
_DRAWN_ALIKE: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТХУаеіјорсухѕһԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαιορυνI1|0",  # noqa: RUF001 - that is the point
    "ABESlJKMHOPCTXYaeijopcyxshdqwABEZHlKMNOPTYXaiopuvlllO",
)


class PersonNameError(MnemosyneError):
    """No person of a node can be called that."""

    code = "person-name"

    def __init__(self, why: str) -> None:
        super().__init__(
            "nobody can be called that here",
            why=why,
            hint=f"Use 1 to {LONGEST} visible characters, with a letter or a digit among them.",
        )


class PersonNameTakenError(MnemosyneError):
    """Another person of the node has the name, or one that looks like it."""

    code = "person-name-taken"

    def __init__(self) -> None:
        super().__init__(
            "somebody on this node is called that already, or so much like it that they would be "
            "mistaken for each other",
            why="The people of a node are told apart by their names.",
            hint="Choose another name; a family name or a number makes the difference.",
        )


def checked(text: str) -> str:
    """Return a name as it is stored: composed, with single spaces.

    Raises:
        PersonNameError: it cannot be a name.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise PersonNameError("It is empty.")
    if len(name) > LONGEST:
        raise PersonNameError(f"It has {len(name)} characters.")
    if visible(name) != name or any(unicodedata.category(each) in _UNSEEN for each in name):
        raise PersonNameError("It has characters that are not seen, or change how others are.")
    if not any(each.isalnum() for each in name):
        raise PersonNameError("It has neither a letter nor a digit.")
    return name


def free(tx: Connection, text: str, besides: Identifier = "") -> str:
    """Return a name as it is stored, which nobody else on this node has.

    Raises:
        PersonNameError: it cannot be a name.
        PersonNameTakenError: somebody is called so, or almost so.
    """
    name = checked(text)
    wanted = likenesses(name)
    for other in store.people(tx):
        if other.id != besides and wanted & likenesses(other.name):
            raise PersonNameTakenError
    return name


def likenesses(name: str) -> frozenset[str]:
    """Return the forms of a name by which it is mistaken for another one."""
    compatible = unicodedata.normalize("NFKC", name)
    drawn = unicodedata.normalize("NFD", compatible).translate(_DRAWN_ALIKE)
    return frozenset(
        "".join(unicodedata.normalize("NFC", each).casefold().split())
        for each in (compatible, drawn)
    )
