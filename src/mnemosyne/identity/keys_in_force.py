"""Which key a name of a document stood for at some time: what was signed stays verifiable."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mnemosyne.identity.log import History


def key_at(history: History, method_id: str, time: datetime) -> Mapping[str, Any] | None:
    """Return the verification method ``did:mnem:…#name`` of the version that held at ``time``.

    None where that version does not have it, before the DID was made and after it was deactivated.
    A nullified version never counts: what a thief's key signed does not become true by its date.
    """
    entry = history.at(time)
    if entry is None:
        return None
    methods = entry.state.get("verificationMethod", ())
    return next((each for each in methods if each["id"] == method_id), None)
