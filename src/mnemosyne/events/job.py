"""What is said of a job, and how one is refused."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Scope


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing changes any more."""
        return self in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Progress:
    """What a job is at: a step in words, how much of it is done, and of how much if known."""

    step: str = ""
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it is at one moment; ``number`` grows with every change.

    ``scope`` is what a credential has to carry that looks at it: what a job tells is as much as
    whoever began it may know.
    """

    id: Identifier
    owner: Identifier
    kind: str
    scope: Scope
    state: JobState
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    progress: Progress = Progress()
    result: object | None = None
    error: MnemosyneError | None = None
    number: int = 1


class JobNotFoundError(MnemosyneError):
    """The person has no job of that identifier, or it ended too long ago."""

    code = "job-not-found"

    def __init__(self) -> None:
        super().__init__(
            "you have no such job",
            why="A job is kept for an hour after it ended, and only until the node stops.",
            hint="Ask for it again: what was done already is not done twice.",
        )


class TooManyJobsError(MnemosyneError):
    """As many jobs wait or run as may."""

    code = "too-many-jobs"

    def __init__(self) -> None:
        super().__init__(
            "too many jobs wait already",
            why="The node works on a few at a time, so that it stays there for other requests.",
            hint="Wait until one has ended, or cancel one.",
        )
        self.headers = {"Retry-After": "10"}


class TooManyFollowersError(MnemosyneError):
    """As many streams of jobs are open as may."""

    code = "too-many-streams"

    def __init__(self) -> None:
        super().__init__(
            "too many streams of your jobs are open",
            why="Each of them keeps a connection.",
            hint="Close one, or ask for the job itself from time to time.",
        )
        self.headers = {"Retry-After": "10"}


class JobFaultError(MnemosyneError):
    """A job met something that nobody foresaw; the node's operator sees what."""

    code = "job-fault"

    def __init__(self) -> None:
        super().__init__(
            "the node failed at this job",
            why="Something happened that nobody foresaw; it stands in the log of the node.",
            hint="Look there, or run `mnemosyne doctor`; what was stored stays stored.",
        )
