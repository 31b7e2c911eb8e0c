"""Change a memory without losing what it was: edit, supersede, tag, pin, domain, never-share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from sqlalchemy import Connection

from mnemosyne.accounts import store as accounts
from mnemosyne.accounts.restriction import require_unrestricted
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.memories.composing import (
    check_importance,
    check_validity,
    clean,
    compose,
)
from mnemosyne.memories.composing import (
    labels as clean_labels,
)
from mnemosyne.memories.enrichment.importance import importance_of
from mnemosyne.memories.enrichment.vocabulary import canonical
from mnemosyne.memories.errors import (
    AlreadySupersededError,
    DuplicateTextError,
    NotSupersededError,
)
from mnemosyne.memories.model import (
    DomainSource,
    Draft,
    Memory,
    MemoryDomain,
    Moment,
    OnlyIf,
    Pin,
    SecretState,
    anyhow,
)
from mnemosyne.memories.store import idempotency, labels, reading, writing

Change = Callable[[Connection, Memory, datetime], None]


@dataclass(frozen=True, slots=True)
class Superseded:
    """The memory that held until a date, and the one that holds from then on."""

    old: Memory
    new: Memory
    created: bool


class Revisions:
    """Every change of a memory that keeps it.

    ``only_if`` looks at the memory in the transaction of the change and may refuse it: so what two
    write at once is not lost.
    """

    def __init__(self, database: Database, clock: Clock, zone: tzinfo) -> None:
        self._database = database
        self._clock = clock
        self._zone = zone

    async def edit(
        self,
        principal: Principal,
        reference: str,
        *,
        content: str | None = None,
        title: str | None = None,
        occurred: Moment | None = None,
        only_if: OnlyIf = anyhow,
    ) -> Memory:
        """Give a memory another text, title or moment; the earlier wording stays as a version.

        Raises:
            MemoryNotFoundError, ContentSizeError, TitleTooLongError, DuplicateTextError
        """

        def change(tx: Connection, current: Memory, at: datetime) -> None:
            text = clean(
                current.content if content is None else content,
                current.title if title is None else title,
            )
            when = occurred or current.occurred
            if (text.content, text.title, when) == (
                current.content,
                current.title,
                current.occurred,
            ):
                return
            writing.new_version(tx, current, text, when, at)
            if current.importance_override is None:
                found = importance_of(len(text.content), opens=current.use.count)
                writing.set_importance(tx, current, found, None)

        return await self._change(principal, reference, change, only_if)

    async def supersede(
        self,
        principal: Principal,
        reference: str,
        draft: Draft,
        key: str,
        *,
        since: datetime | None = None,
        only_if: OnlyIf = anyhow,
    ) -> Superseded:
        """Let ``draft`` hold in place of a memory from ``since`` (default: now) on; both are kept.

        Raises:
            MemoryNotFoundError
            AlreadySupersededError: another memory replaced it before.
            ValidityOrderError: ``since`` lies before the older one began to hold.
            DuplicateTextError: another memory of the same moment says exactly this already.
            IdempotencyConflictError, MemoryErasedError: as for a capture.
        """
        principal.require(Scope.MEMORY_WRITE)
        at = self._clock()
        begins = since or at
        new = compose(replace(draft, valid_from=begins), principal.person, at, self._zone)

        def write(tx: Connection) -> Superseded:
            owner = principal.person
            require_unrestricted(tx, owner)
            old = reading.require(tx, owner, reference)
            request = idempotency.request_hash(accounts.salt(tx, owner), old.id, draft, since)
            if found := idempotency.earlier(tx, owner, "supersede", key, request):
                return Superseded(old, found, created=False)
            only_if(old)
            if by := labels.superseded_by(tx, owner, old.id):
                raise AlreadySupersededError(old.id, by)
            check_validity(old.validity.valid_from, begins)
            if twin := writing.twin_of(tx, new):
                raise DuplicateTextError(twin)
            writing.insert_all(tx, [new])
            labels.add_links(tx, owner, [(new.id, labels.SUPERSEDES, old.id)])
            ended = old.validity.valid_to
            if ended is None or ended > begins:  # what ended earlier does not hold longer now
                writing.set_end(tx, old, begins, at)
            idempotency.remember(tx, owner, "supersede", key, request, new.id, at)
            before, after = reading.by_ids(tx, owner, [old.id, new.id])
            return Superseded(before, after, created=True)

        return await self._database.write(write)

    async def reopen(
        self, principal: Principal, reference: str, *, only_if: OnlyIf = anyhow
    ) -> Memory:
        """Undo that a memory was superseded: it holds again; the newer one stays as it is.

        Raises:
            MemoryNotFoundError
            NotSupersededError: nothing had ended it.
        """

        def change(tx: Connection, current: Memory, at: datetime) -> None:
            if current.validity.valid_to is None:
                raise NotSupersededError(current.id)
            labels.remove_links_to(tx, current.owner, labels.SUPERSEDES, current.id)
            writing.set_end(tx, current, None, at)

        return await self._change(principal, reference, change, only_if)

    async def tag(
        self,
        principal: Principal,
        reference: str,
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        only_if: OnlyIf = anyhow,
    ) -> Memory:
        """Add and remove tags.

        Raises:
            MemoryNotFoundError, LabelLengthError
        """
        wanted, unwanted = clean_labels(tuple(add)), clean_labels(tuple(remove))

        def change(tx: Connection, current: Memory, _at: datetime) -> None:
            labels.remove_tags(tx, current.owner, current.id, unwanted)
            fresh = [(current.id, tag) for tag in wanted if tag not in current.tags]
            labels.add_tags(tx, current.owner, fresh)
            writing.touch(tx, current)

        return await self._change(principal, reference, change, only_if, reindexed=True)

    async def set_domains(
        self,
        principal: Principal,
        reference: str,
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        only_if: OnlyIf = anyhow,
    ) -> Memory:
        """Say which domains a memory belongs to and which it does not; no rule changes that back.

        Raises:
            MemoryNotFoundError
        """

        def change(tx: Connection, current: Memory, _at: datetime) -> None:
            for name in dict.fromkeys(map(canonical, add)):
                said = MemoryDomain(name, 1.0, DomainSource.USER, 1.0)
                labels.set_domain(tx, current.owner, current.id, said)
            for name in dict.fromkeys(map(canonical, remove)):
                labels.suppress_domain(tx, current.owner, current.id, name)
            writing.touch(tx, current)

        return await self._change(principal, reference, change, only_if)

    async def pin(
        self, principal: Principal, reference: str, level: Pin, *, only_if: OnlyIf = anyhow
    ) -> Memory:
        """Keep a memory from fading in the ranking; its text and dates do not change.

        Raises:
            MemoryNotFoundError
        """
        return await self._set(principal, reference, only_if, pin=level)

    async def never_share(
        self, principal: Principal, reference: str, *, mark: bool, only_if: OnlyIf = anyhow
    ) -> Memory:
        """Set or remove the mark that keeps a memory from ever being shared.

        Raises:
            MemoryNotFoundError
        """
        return await self._set(principal, reference, only_if, never_share=mark)

    async def clear_secret(
        self, principal: Principal, reference: str, *, only_if: OnlyIf = anyhow
    ) -> Memory:
        """Let the person say that what was flagged in a text is no secret, until its next edit.

        Raises:
            MemoryNotFoundError
        """
        return await self._set(principal, reference, only_if, secrets=SecretState.CLEARED)

    async def set_importance(
        self,
        principal: Principal,
        reference: str,
        value: float | None,
        *,
        only_if: OnlyIf = anyhow,
    ) -> Memory:
        """Set how much a memory matters, in [0, 1]; None leaves it to the rules again.

        Raises:
            MemoryNotFoundError, ImportanceRangeError
        """
        if value is not None:
            check_importance(value)

        def change(tx: Connection, current: Memory, _at: datetime) -> None:
            length, opens = len(current.content), current.use.count
            found = importance_of(length, override=value, opens=opens)
            writing.set_importance(tx, current, found, value)

        return await self._change(principal, reference, change, only_if)

    async def _set(
        self, principal: Principal, reference: str, only_if: OnlyIf, **columns: object
    ) -> Memory:
        return await self._change(
            principal,
            reference,
            lambda tx, current, _at: writing.set_columns(tx, current, columns),
            only_if,
        )

    async def _change(
        self,
        principal: Principal,
        reference: str,
        change: Change,
        only_if: OnlyIf,
        *,
        reindexed: bool = False,
    ) -> Memory:
        principal.require(Scope.MEMORY_WRITE)
        at = self._clock()

        def write(tx: Connection) -> Memory:
            require_unrestricted(tx, principal.person)
            current = reading.require(tx, principal.person, reference)
            only_if(current)
            change(tx, current, at)
            changed = reading.by_ids(tx, principal.person, [current.id])[0]
            if reindexed or changed.version != current.version:
                writing.reindex(tx, [changed])
            return changed

        return await self._database.write(write)
