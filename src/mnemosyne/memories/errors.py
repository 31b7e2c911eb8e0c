"""What can go wrong with a memory, in words a person can act on."""

from mnemosyne.kit.errors import MnemosyneError
from mnemosyne.kit.ids import Identifier


class MemoryNotFoundError(MnemosyneError):
    """No such memory; another person's answers exactly the same."""

    code = "memory-not-found"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"there is no memory “{reference[:40]}”",
            why="It was never here, or it was erased.",
            hint="`mnemosyne list` shows the newest; `mnemosyne bin list` what was forgotten.",
        )
        self.reference = reference


class AmbiguousReferenceError(MnemosyneError):
    """A shortened identifier fits more than one memory."""

    code = "ambiguous-reference"

    def __init__(self, reference: str, ids: tuple[Identifier, ...]) -> None:
        super().__init__(
            f"“{reference}” fits {len(ids)} memories",
            why="A shortened identifier must end only one of them.",
            hint="Give more of its last characters: " + ", ".join(i[-12:] for i in ids[:4]),
        )
        self.reference = reference
        self.ids = ids


class MemoryErasedError(MnemosyneError):
    """The idempotency key names a memory that has since been forgotten or erased."""

    code = "memory-gone"

    def __init__(self, memory_id: Identifier, state: str) -> None:
        super().__init__(
            f"what this key created was {state} since",
            why="A repeated request never brings back what a person removed.",
            hint="Capture it again with a new key if you want it back.",
        )
        self.memory_id = memory_id
        self.state = state


class ContentSizeError(MnemosyneError):
    """A memory holds 1 character to 1 MiB of text."""

    code = "content-size"

    def __init__(self, size: int, largest: int) -> None:
        super().__init__(
            "there is nothing to remember: the text is empty"
            if size == 0
            else f"the text is too long: {size:,} bytes, at most {largest:,}",
            why="A memory holds 1 character to 1 MiB of UTF-8 text.",
            hint="Write something."
            if size == 0
            else "Import it as a file instead: `mnemosyne import FILE` splits it at headings.",
        )
        self.size = size
        self.largest = largest


class TitleTooLongError(MnemosyneError):
    """A title has at most 255 characters."""

    code = "title-too-long"

    def __init__(self, length: int) -> None:
        super().__init__(
            f"the title has {length} characters, at most 255 are kept",
            hint="Shorten the title; the text itself may be long.",
        )
        self.length = length


class ImportanceRangeError(MnemosyneError):
    """Importance is a number in [0, 1]."""

    code = "importance-range"

    def __init__(self, value: float) -> None:
        super().__init__(
            f"importance {value:g} is outside 0 to 1",
            hint="Give a number between 0 and 1, such as 0.8.",
        )
        self.value = value


class ValidityOrderError(MnemosyneError):
    """A memory cannot stop holding before it began to hold."""

    code = "validity-order"

    def __init__(self) -> None:
        super().__init__(
            "it would stop holding before it began",
            hint="Give a date after the one from which the older memory holds.",
        )


class AlreadySupersededError(MnemosyneError):
    """Another memory already replaced this one."""

    code = "already-superseded"

    def __init__(self, memory_id: Identifier, by: Identifier) -> None:
        super().__init__(
            f"memory {memory_id[-8:]} was already replaced by {by[-8:]}",
            why="A chain has one newest end.",
            hint=f"Supersede the newer one instead: `mnemosyne supersede {by[-8:]} …`",
        )
        self.memory_id = memory_id
        self.by = by


class DuplicateTextError(MnemosyneError):
    """An edit would make two memories equal in text, time and origin."""

    code = "duplicate-text"

    def __init__(self, memory_id: Identifier) -> None:
        super().__init__(
            f"memory {memory_id[-8:]} already says exactly this, at the same moment",
            hint="Keep one of them and forget the other: `mnemosyne forget ID`.",
        )
        self.memory_id = memory_id


class ForgetLimitError(MnemosyneError):
    """One credential may put at most twenty memories an hour to the bin."""

    code = "forget-limit"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"more than {limit} memories were forgotten within the hour",
            why="A runaway assistant must not empty a diary; the limit holds for each credential.",
            hint="Wait an hour, or forget from the shell with `--many` after looking at the list.",
        )
        self.limit = limit


class IdempotencyConflictError(MnemosyneError):
    """The same idempotency key came with another request."""

    code = "idempotency-conflict"

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the key “{key[:40]}” was used for another request",
            why="A key names one request; repeating it repeats the answer.",
            hint="Use a new --idempotency-key for new content.",
        )
        self.key = key


class LabelLengthError(MnemosyneError):
    """A tag or domain has at most 128 characters."""

    code = "label-length"

    def __init__(self, label: str, longest: int) -> None:
        super().__init__(
            f"the tag “{label[:24]}…” has {len(label)} characters, at most {longest}",
            why="A tag is a word to find things by, not a text.",
            hint="Shorten it, or write it into the memory itself.",
        )
        self.label = label


class NotInBinError(MnemosyneError):
    """What should be restored from the bin is not in it."""

    code = "not-in-bin"

    def __init__(self, memory_id: Identifier) -> None:
        super().__init__(
            f"memory {memory_id[-8:]} is not in the bin",
            why="Only what was forgotten can be restored.",
            hint="`mnemosyne bin list` shows what is there.",
        )
        self.memory_id = memory_id


class MalformedCursorError(MnemosyneError):
    """A page was asked for with something that is no cursor of this list."""

    code = "malformed-cursor"

    def __init__(self) -> None:
        super().__init__(
            "that is not a place in this list",
            why="The cursor was cut short, or belongs to a list with another filter or order.",
            hint="Start again without a cursor.",
        )


class NotSupersededError(MnemosyneError):
    """A memory that nothing ended cannot be reopened."""

    code = "not-superseded"

    def __init__(self, memory_id: Identifier) -> None:
        super().__init__(
            f"memory {memory_id[-8:]} holds already: nothing replaced it",
            hint="`mnemosyne get ID` shows from when to when a memory holds.",
        )
        self.memory_id = memory_id


class EmptyQuestionError(MnemosyneError):
    """A search needs something to look for."""

    code = "empty-question"

    def __init__(self) -> None:
        super().__init__(
            "there is nothing to look for: the question is empty",
            hint="Ask in your own words, or use `mnemosyne list` to see everything.",
        )


class ErasureNotFoundError(MnemosyneError):
    """No erase of that name was asked for; another person's answers exactly the same."""

    code = "erasure-not-found"

    def __init__(self, request: str) -> None:
        super().__init__(
            f"there is no erase “{request[:40]}”",
            why="It was never asked for.",
            hint="`mnemosyne audit log` shows every erase with its receipt.",
        )
        self.request = request


class BinChangedError(MnemosyneError):
    """The bin holds another number of memories than the person saw when they said yes."""

    code = "bin-changed"

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(
            f"the bin was to hold {expected:,} memories, and holds {found:,}",
            why="Something was forgotten, restored or erased since you looked.",
            hint="Look at the bin again; nothing was erased.",
        )
        self.expected = expected
        self.found = found


class WordingNotFoundError(MnemosyneError):
    """A memory had no earlier text of that version."""

    code = "wording-not-found"

    def __init__(self, memory_id: Identifier, version: int) -> None:
        super().__init__(
            f"memory {memory_id[-8:]} has no earlier wording {version}",
            why="Only texts that were replaced are kept as wordings.",
            hint="`mnemosyne get ID` shows the text it has, and every earlier one.",
        )
        self.memory_id = memory_id
        self.version = version
