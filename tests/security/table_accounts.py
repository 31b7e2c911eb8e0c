"""Operations on ways in, and on oneself: how each is called."""

from collections.abc import Mapping
from typing import Final

from mnemosyne.kit.principal import Scope
from tests.security import ceremonies
from tests.security.policy import Operation, Whom

ACCOUNT: Final = Scope.ACCOUNT_MANAGE
ADMIN: Final = Scope.ADMIN
BEFORE: Final = "It comes before anybody is signed in; the answer of a passkey opens, not this."
PROVEN: Final = "It lets in who proves themselves with a secret of their own."
ACTION: Final[Mapping[str, object]] = {
    "method": "GET",
    "path": "/v1/memories",
    "query": {},
    "body": None,
}

ACCOUNTS: Final[Mapping[str, Operation]] = {
    "read_account": Operation(Whom.ANY_CREDENTIAL),
    "rename_account": Operation(ACCOUNT, body={"name": "Somebody {key}"}),
    "restrict_processing": Operation(ACCOUNT, alone=True),
    "lift_restriction": Operation(ACCOUNT),
    "preview_account_erasure": Operation(ACCOUNT, alone=True),
    "erase_account": Operation(ACCOUNT, step_up=True, alone=True),
    "list_residents": Operation(ADMIN),
    "list_tokens": Operation(ACCOUNT),
    "create_token": Operation(
        ACCOUNT, step_up=True, body={"name": "script", "scopes": ["memory:read"]}, status=201
    ),
    "revoke_token": Operation(ACCOUNT, status=204),
    "list_invitations": Operation(ACCOUNT),
    "invite": Operation(ADMIN, step_up=True, body={"name": "Guest {key}"}, status=201),
    "revoke_invitation": Operation(ACCOUNT, status=204),
    "list_alarms": Operation(ACCOUNT),
    "acknowledge_alarm": Operation(ACCOUNT, status=204),
}
WAYS_IN: Final[Mapping[str, Operation]] = {
    "sign_in_options": Operation(Whom.ANYBODY, shared=BEFORE),
    "sign_in": Operation(Whom.ANYBODY, shared=PROVEN, ceremony=ceremonies.sign_in, status=201),
    "list_sessions": Operation(ACCOUNT),
    "sign_out": Operation(Whom.RECOVERING, status=204, alone=True),
    "revoke_other_sessions": Operation(ACCOUNT, alone=True),
    "revoke_session": Operation(ACCOUNT, status=204),
    "add_passkey_options": Operation(ACCOUNT, step_up=True),
    "add_passkey": Operation(ACCOUNT, ceremony=ceremonies.add_passkey, status=201),
    "list_passkeys": Operation(ACCOUNT),
    "rename_passkey": Operation(ACCOUNT, body={"name": "blue"}),
    "remove_passkey": Operation(ACCOUNT, step_up=True, status=204),
    "enrolment_options": Operation(Whom.ANYBODY, shared=PROVEN, body={"secret": "{invited}"}),
    "enrol": Operation(Whom.ANYBODY, shared=PROVEN, ceremony=ceremonies.enrol, status=201),
    "redeem_recovery_code": Operation(
        Whom.ANYBODY, shared=PROVEN, ceremony=ceremonies.redeem, status=201
    ),
    "recovery_passkey_options": Operation(Whom.RECOVERING, ceremony=ceremonies.recovering),
    "add_passkey_recovering": Operation(
        Whom.RECOVERING, ceremony=ceremonies.add_recovering, status=201
    ),
    "read_recovery_codes": Operation(ACCOUNT),
    "make_recovery_codes": Operation(ACCOUNT, step_up=True, status=201),
    "acknowledge_recovery_codes": Operation(ACCOUNT),
    "step_up_options": Operation(ACCOUNT, body={"action": ACTION}),
    "confirm_step_up": Operation(ACCOUNT, ceremony=ceremonies.confirm, status=201),
}
