"""The keys of sealed archives that are brought over HTTP: worked out one at a time.

What a derivation costs is stated by the archive, so by whoever brings it. It has a thread of its
own that steps back behind everything else, few wait for it, and it does no more than this program
asks for when it seals.
"""

import asyncio
from functools import partial
from pathlib import Path
from typing import Final

from mnemosyne.accounts.slow_hashes import Turns
from mnemosyne.kit.vault.passphrase import Argon2Parameters, Passphrase
from mnemosyne.memories.importing.uploads import Source
from mnemosyne.safekeeping.archive_errors import ArchiveSealedError, ArchiveWorkError
from mnemosyne.safekeeping.archive_reading import ArchiveKey, sealed_header
from mnemosyne.safekeeping.archive_writing import sealed_key

MOST: Final = Argon2Parameters(memory_kib=65_536, passes=64, lanes=4)
"""As much as ``calibrate`` chooses on the fastest machine: what the shell sealed opens here."""
_WAITING: Final = 3
_RETRY_AFTER: Final = 10


class Unsealing:
    """Works the keys of archives out, for everybody together."""

    def __init__(self) -> None:
        self._turns = Turns(1, _WAITING, "unsealing", retry_after=_RETRY_AFTER, meek=True)

    async def key(
        self, source: Source, passphrase: Passphrase | None, *, patient: bool = False
    ) -> ArchiveKey | None:
        """Return the key of a sealed archive, right or wrong; None for a plain one.

        Raises:
            ArchiveSealedError: it is sealed and there is no passphrase.
            ArchiveWorkError: it was sealed at a higher cost than is taken over HTTP.
            ArchiveDamagedError, SealedFileDamagedError: its beginning is of another form.
            BusyNowError: too many wait already; whoever is ``patient`` is not refused.
        """
        header = await asyncio.to_thread(sealed_header, source)
        if header is None:
            return None
        path = Path(source if isinstance(source, Path) else source.name)
        if passphrase is None:
            raise ArchiveSealedError(path)
        if _is_more(header.argon2):
            raise ArchiveWorkError(path)
        derive = partial(sealed_key, header, passphrase)
        return ArchiveKey(await self._turns.take(derive, patient=patient))


def _is_more(cost: Argon2Parameters) -> bool:
    return cost.memory_kib > MOST.memory_kib or cost.passes > MOST.passes or cost.lanes > MOST.lanes
