"""Whether a text ends by asking something, so that what follows it is a reply."""

import re
from typing import Final

# A remark in brackets behind it, such as a caption or “[laughs]”, changes nothing.
_ASKING: Final = re.compile(r"[?？؟][^\w\[\]]{0,20}(?:\[[^\[\]]*\]?\W{0,20})?\Z")  # noqa: RUF001


def ends_with_question(tail: str) -> bool:
    """Return whether the text that ends with ``tail`` ends with a question."""
    return _ASKING.search(tail) is not None
