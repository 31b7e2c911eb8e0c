"""What the API is sent about memories, with every limit that can be said beforehand."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from mnemosyne.api.moments import Given, GivenUtc, in_utc, offset_of
from mnemosyne.api.schemas import Id, Request
from mnemosyne.kit.text import CONTENT_BYTES
from mnemosyne.memories.composing import LONGEST_TAG, LONGEST_TITLE
from mnemosyne.memories.model import Draft, MemoryType, Moment, Pin, Precision

MOST_LABELS: Final = 64
MOST_CAPTURES: Final = 100
MOST_IDS: Final = 1_000
_A_DAY: Final = 24 * 60
_SOMETHING: Final = r"\S"

Content = Annotated[
    str,
    StringConstraints(min_length=1, max_length=CONTENT_BYTES, pattern=_SOMETHING),
    Field(
        description="The text, kept as it is; at most 1 MiB of UTF-8, and not white space alone.",
        examples=["Walked around the lake with Tomás."],
    ),
]
Title = Annotated[str, StringConstraints(max_length=LONGEST_TITLE), Field(examples=["At the lake"])]
Label = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST_TAG), Field(examples=["lake"])
]
Labels = Annotated[list[Label], Field(max_length=MOST_LABELS)]
Importance = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, examples=[0.8])]
Ids = Annotated[
    list[Id],
    Field(min_length=1, max_length=MOST_IDS, description="Identifiers, whole ones."),
]
KindOf = Annotated[MemoryType, Field(strict=False)]


class Occurred(Request):
    """When something happened, and how exactly that is known.

    The local offset is what `at` was written with, unless it is given on its own.
    """

    at: Given
    precision: Annotated[Precision, Field(strict=False)] = Precision.INSTANT
    utc_offset_minutes: int | None = Field(default=None, gt=-_A_DAY, lt=_A_DAY)

    def moment(self) -> Moment:
        """Return it as a value."""
        stated = self.utc_offset_minutes
        offset = offset_of(self.at) if stated is None else stated
        return Moment(in_utc(self.at), self.precision, offset)


class Capture(Request):
    """What should be remembered."""

    content: Content
    title: Title = ""
    type: KindOf = MemoryType.NOTE
    occurred: Occurred | None = None
    tags: Labels = Field(default_factory=list)
    domains: Labels = Field(default_factory=list)
    importance: Importance | None = None
    pin: Annotated[Pin, Field(strict=False)] = Pin.NORMAL
    never_share: bool = False

    def draft(self) -> Draft:
        """Return it as a value."""
        return Draft(
            content=self.content,
            title=self.title,
            type=self.type,
            occurred=None if self.occurred is None else self.occurred.moment(),
            tags=tuple(self.tags),
            domains=tuple(self.domains),
            importance=self.importance,
            pin=self.pin,
            never_share=self.never_share,
        )


class CaptureOfSeveral(Request):
    """What should be remembered, as one of several: each is judged as `Capture` is, for itself."""

    content: str = Field(examples=["Walked around the lake with Tomás."])
    title: str = ""
    type: KindOf = MemoryType.NOTE
    occurred: Occurred | None = None
    tags: list[str] = Field(default_factory=list)
    domains: list[str] = Field(default_factory=list)
    importance: float | None = None
    pin: Annotated[Pin, Field(strict=False)] = Pin.NORMAL
    never_share: bool = False

    def judged(self) -> Capture:
        """Return it as one that is sent alone.

        Raises:
            ValidationError: a text is empty or too long, or a number beyond its bounds.
        """
        return Capture.model_validate({name: getattr(self, name) for name in self.model_fields_set})


class Captures(Request):
    """Several things that should be remembered, each for itself."""

    memories: list[CaptureOfSeveral] = Field(min_length=1, max_length=MOST_CAPTURES)


class Edit(Request):
    """Another text, title or moment; what is left out stays."""

    content: Content | None = None
    title: Title | None = None
    occurred: Occurred | None = None


class Supersede(Capture):
    """What holds from `since` on (now, unless given) in place of the older memory."""

    since: GivenUtc | None = None


class ChangedLabels(Request):
    """Names to add, and names to take off."""

    add: Labels = Field(default_factory=list)
    remove: Labels = Field(default_factory=list)


class SetPin(Request):
    """How strongly a memory is kept from fading in the ranking."""

    level: Annotated[Pin, Field(strict=False)]


class SetNeverShare(Request):
    """Whether a memory is kept from ever being shared."""

    mark: bool


class SetImportance(Request):
    """How much a memory matters; null leaves it to the rules again."""

    value: Importance | None


class NamedMemories(Request):
    """Memories by their identifiers."""

    memories: Ids


class EmptyBin(Request):
    """That everything in the bin goes for good, and how much that was when it was looked at."""

    expected: int = Field(ge=1, le=2**53 - 1, description="How many memories the bin holds.")
