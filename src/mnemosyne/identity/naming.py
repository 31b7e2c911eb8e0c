"""How a person names an entry of a log: by its number, its versionId, or the end of that."""

from collections.abc import Sequence

from mnemosyne.identity.entry import Entry
from mnemosyne.identity.refusals import AmbiguousVersionError


def named(entries: Sequence[Entry], text: str) -> tuple[Entry, ...]:
    """Return the entries that ``text`` may mean; all of them where it names several.

    Digits alone are a number. An ending is what ``did log`` shows of a versionId.
    """
    if text.isdecimal():
        found = [entry for entry in entries if str(entry.number) == text]
        if found:
            return tuple(found)
    exact = tuple(entry for entry in entries if entry.version_id == text)
    return exact or tuple(
        entry for entry in entries if entry.version_id.startswith(text) or entry.hash.endswith(text)
    )


def only(found: Sequence[Entry], text: str) -> Entry | None:
    """Return the one entry that was named, None where there is none.

    Raises:
        AmbiguousVersionError: there are several.
    """
    if len(found) > 1:
        raise AmbiguousVersionError(text, [entry.version_id for entry in found])
    return found[0] if found else None
