"""One serialisation for each JSON value, so that hashes and signatures mean the value."""

from typing import Any, cast

import rfc8785

from mnemosyne.kit.errors import MnemosyneError


class NotCanonicalError(MnemosyneError):
    """A value has no canonical JSON form."""

    code = "not-canonical-json"

    def __init__(self, detail: str) -> None:
        super().__init__(
            "a value cannot be written as canonical JSON",
            why=f"{detail}.",
            hint="Use whole numbers within ±(2^53−1), finite decimals, text keys, valid Unicode.",
        )
        self.detail = detail


def canonical_json(value: object) -> bytes:
    """Return ``value`` as canonical JSON bytes (RFC 8785).

    Raises:
        NotCanonicalError: a number out of range, an unpaired surrogate, a foreign type, or
            nesting beyond what the interpreter can follow.
    """
    try:
        return rfc8785.dumps(cast("Any", value))
    except ValueError as error:  # the library's own errors, and an unpaired surrogate in a key
        raise NotCanonicalError(str(error)) from error
    except RecursionError as error:
        raise NotCanonicalError("the value is nested too deeply") from error
