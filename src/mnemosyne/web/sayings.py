"""What pages say after something was done, and of what happened: each sentence once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request

from mnemosyne.accounts.alarms import Alarm, AlarmKind

# The address names the deed, so that a reload tells it again and nobody can put words in.
DONE: Final[Mapping[str, str]] = {
    "came-back": "You are signed in, with a new passkey. Remove those that are lost.",
    "codes-made": "The new recovery codes are good; the old ones are not any more.",
    "passkey-added": "The passkey is added. It signs you in from now on.",
    "passkey-removed": "The passkey is removed, and the sessions that it began have ended.",
    "passkey-renamed": "The passkey has its new name.",
    "session-ended": "The session has ended.",
    "others-ended": "All other sessions have ended.",
    "token-revoked": "The token no longer works.",
    "invitation-revoked": "The invitation no longer works.",
    "renamed": "You are called that from now on.",
    "restricted": "Processing is restricted.",
    "lifted": "Processing goes on.",
    "seen": "Noted. It stays on your record.",
    "signed-out": "You are signed out in this browser.",
}
ALARMS: Final[Mapping[AlarmKind, str]] = {
    AlarmKind.COUNTER_REGRESSED: "A passkey of yours counted backwards, so there may be a copy of "
    "it. It was not let in. Remove it if you cannot explain that.",
    AlarmKind.BACKUP_CHANGED: "A passkey of yours says otherwise than before whether it can be "
    "copied. It was not let in. Remove it if you cannot explain that.",
    AlarmKind.CODE_REDEEMED: "Somebody came in with one of your recovery codes. If it was not you, "
    "remove the passkeys that you do not know and make new codes.",
    AlarmKind.LINK_USED: "A passkey was added with a link that the shell of this node made, and "
    "your recovery codes were replaced. If it was not you, remove the passkeys that you do not "
    "know and make new codes.",
}
_OTHERWISE: Final = (
    "Something happened to your ways in. Look through them, and remove what you do not know."
)


@dataclass(frozen=True, slots=True)
class Warned:
    """An alarm in words."""

    id: str
    at: datetime
    words: str


def done(request: Request) -> str:
    """Return what the address says was done, in words; nothing for what is no deed of ours."""
    return DONE.get(request.query_params.get("done", ""), "")


def warned(alarm: Alarm) -> Warned:
    """Return an alarm in words."""
    return Warned(alarm.id, alarm.at, ALARMS.get(alarm.kind, _OTHERWISE))
