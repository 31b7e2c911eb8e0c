"""Look at everything a vault consists of, say what is wrong, and rebuild what can be rebuilt."""

import asyncio
import os
import shutil
import stat
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.restriction import RESTRICTED_OWNERS
from mnemosyne.events import outbox
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.store import erasing
from mnemosyne.migrations import runner
from mnemosyne.safekeeping import destination, indexes, replacing, snapshot, store, temporary
from mnemosyne.safekeeping.backup import OpenVault

VERIFIED_WITHIN: Final = timedelta(hours=26)
_WAITING_TOO_LONG: Final = timedelta(hours=1)
_LEAST_FREE: Final = 0.05
_GROUP_AND_OTHERS: Final = 0o077
_REPAIR: Final = "`mnemosyne doctor --repair` rebuilds every index from the rows."


class Severity(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do about it."""

    severity: Severity
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was rebuilt: texts indexed anew, vectors dropped, memories that wait for vectors."""

    indexed: int
    orphans_dropped: int
    requeued: int


class Doctor:
    """Examines one open vault.

    ``key_file_problem`` and ``embedder_problem`` say in words what is wrong with the place of the
    key file and with the embedder; an empty text stands for nothing. ``moved`` says so of vectors
    that another machine made.
    """

    def __init__(
        self,
        database: Database,
        vault: OpenVault,
        clock: Clock,
        *,
        key_file_problem: Callable[[], str] = str,
        embedder_problem: Callable[[], str] = str,
        moved: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._key_file_problem = key_file_problem
        self._embedder_problem = embedder_problem
        self._moved = moved

    async def examine(self, principal: Principal) -> list[Finding]:
        """Look at pages, rows, indexes, waiting work, files, backups and the embedder."""
        principal.require(Scope.ADMIN)
        findings = await asyncio.to_thread(self._pages)
        if any(each.severity is Severity.BAD for each in findings):
            return findings  # what stands on damaged pages is not worth a look
        findings += await asyncio.to_thread(self._indexes)
        findings += await self._database.read(self._work)
        findings += await self._backups()
        findings += await asyncio.to_thread(self._files)
        findings += await self._vectors()
        return findings + await asyncio.to_thread(self._surroundings)

    async def repair(self, principal: Principal) -> Repaired:
        """Rebuild full text from the rows, drop stray vectors, ask for missing ones.

        What was erased has no row to come from, and what is in the bin is left out.
        """
        principal.require(Scope.ADMIN)
        at = self._clock()
        people = await self._database.read(accounts.everybody)
        indexed = requeued = 0
        await self._database.write(indexes.mend)
        dropped = await self._database.write(indexes.drop_strays)
        for owner in people:
            after = 0
            while True:
                batch = await self._database.write(
                    lambda tx, owner=owner, after=after: indexes.rebuild(  # type: ignore[misc]
                        tx, owner, after, at
                    )
                )
                indexed += batch.indexed
                requeued += batch.requeued
                if batch.last is None:
                    break
                after = batch.last
        return Repaired(indexed, dropped, requeued)

    def _pages(self) -> list[Finding]:
        key = self._vault.root.database_key()
        try:
            found = snapshot.look(self._database.path, key, snapshot.damage)
            revision = snapshot.look(self._database.path, key, runner.revision_of)
        except MnemosyneError as error:
            return [Finding(Severity.BAD, f"{error}: {error.why}", error.hint)]
        findings = [Finding(Severity.BAD, each, _way_out(each)) for each in found[:10]]
        if revision != runner.HEAD:
            what = f"the tables are at revision {revision}, this program at {runner.HEAD}"
            findings.append(Finding(Severity.BAD, what, "Use the same version as before."))
        return findings or [Finding(Severity.OK, "every page authenticates, every row is whole")]

    def _indexes(self) -> list[Finding]:
        key = self._vault.root.database_key()
        agreement = snapshot.look(self._database.path, key, indexes.agreement)
        hint = _REPAIR
        problems = {
            ("memory is", "memories are", "missing in full text"): agreement.missing_text,
            (
                "entry of full text belongs",
                "entries of full text belong",
                "to no visible memory",
            ): agreement.stray_text,
            (
                "entry of full text differs from its",
                "entries of full text differ from their",
                "memory",
            ): agreement.differing_text,
            (
                "vector belongs",
                "vectors belong",
                "to no memory, or to an earlier wording",
            ): agreement.stray_vectors,
        }
        findings = [
            Finding(Severity.BAD, f"{_counted(count, one, many)} {what}", hint)
            for (one, many, what), count in problems.items()
            if count
        ]
        if agreement.without_vectors:
            waiting = _counted(agreement.without_vectors, "memory waits", "memories wait")
            what = f"{waiting} for a vector"
            findings.append(Finding(Severity.WARN, what, "`mnemosyne reindex` embeds them."))
        agreeing = _counted(agreement.memories, "memory agrees", "memories agree")
        whole = f"{agreeing} with full text and vectors"
        return findings or [Finding(Severity.OK, whole)]

    def _work(self, tx: Connection) -> list[Finding]:
        backlog = outbox.backlog(tx, held=RESTRICTED_OWNERS)  # theirs waits as it should
        findings = []
        if backlog.failed:
            hint = "`mnemosyne status` says why; `mnemosyne doctor --repair` tries again."
            given_up = _counted(backlog.failed, "job was", "jobs were")
            findings.append(Finding(Severity.WARN, f"{given_up} given up", hint))
        if backlog.oldest and self._clock() - backlog.oldest > _WAITING_TOO_LONG:
            waiting = _counted(backlog.waiting, "job waits", "jobs wait")
            what = f"{waiting}, the oldest since {backlog.oldest:%Y-%m-%d %H:%M}"
            findings.append(Finding(Severity.WARN, what, "`mnemosyne reindex` does them."))
        erasing_now = sum(erasing.unfinished(tx, each) for each in accounts.everybody(tx))
        if erasing_now:
            what = f"{_counted(erasing_now, 'memory is', 'memories are')} still being erased"
            hint = "Another process reads the old pages; it completes when that ends."
            findings.append(Finding(Severity.WARN, what, hint))
        return findings or [Finding(Severity.OK, "no work is late, no erase is unfinished")]

    async def _backups(self) -> list[Finding]:
        known = await self._database.read(store.known)
        newest = max((each.verified_at for each in known if each.verified_at), default=None)
        hint = "Run `mnemosyne backup make FOLDER`, best to another disk."
        if newest is None:
            return [Finding(Severity.WARN, "there is no verified backup", hint)]
        what = f"the newest verified backup is of {newest:%Y-%m-%d %H:%M} UTC"
        late = self._clock() - newest > VERIFIED_WITHIN
        left = await asyncio.to_thread(_unfinished, {each.destination for each in known})
        return [*left, Finding(Severity.WARN if late else Severity.OK, what, hint if late else "")]

    async def _vectors(self) -> list[Finding]:
        if self._moved is None or not (moved := await self._moved()):
            return []
        hint = "`mnemosyne reindex --again` embeds every memory anew; search works meanwhile."
        return [Finding(Severity.WARN, moved, hint)]

    def _files(self) -> list[Finding]:
        home = self._vault.home
        open_to_others = [
            Finding(Severity.BAD, f"others can look at {path}", f"`chmod go-rwx {path}`")
            for path in [home.path, *home.path.iterdir()]
            if stat.S_IMODE(path.lstat().st_mode) & _GROUP_AND_OTHERS
        ]
        left = [*temporary.leftovers(home.path), *replacing.traces(home)]
        leftovers = [
            Finding(
                Severity.WARN,
                f"{path} was left by a command that was interrupted",
                "The next command that opens the vault removes it, or goes on with it.",
            )
            for path in left
            if path.exists()
        ]
        return [*open_to_others, *leftovers] or [
            Finding(Severity.OK, "the vault's files are private, and nothing was left over")
        ]

    def _surroundings(self) -> list[Finding]:
        usage = shutil.disk_usage(self._vault.home.path)
        problems = {
            self._key_file_problem(): "Keep it on another medium, private to you.",
            self._embedder_problem(): "`mnemosyne status` says more.",
        }
        if usage.free < usage.total * _LEAST_FREE:
            what = f"the disk has {usage.free // 1_000_000:,} MB left"
            problems[what] = "Free some room before it is full."
        findings = [Finding(Severity.WARN, each, hint) for each, hint in problems.items() if each]
        return findings or [Finding(Severity.OK, "there is room, and the embedder is as it was")]


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _way_out(damage: str) -> str:
    # What SQLite says of an index of full text whose pages are whole.
    return (
        _REPAIR
        if "fts5" in damage.casefold()
        else "Restore the newest backup: `mnemosyne restore FILE`."
    )


def _unfinished(folders: Iterable[Path]) -> list[Finding]:
    hint = "The next backup to that folder removes it."
    return [
        Finding(Severity.WARN, f"{path} is an unfinished backup that a crash left", hint)
        for folder in sorted(folders)
        if os.access(folder, os.R_OK)
        for path in destination.leftovers(folder)
    ]
