"""Operations that bring or take out much, and what every node answers: how each is called."""

from collections.abc import Mapping
from typing import Final

from mnemosyne.kit.principal import Scope
from tests.security.policy import Operation, Whom

READ: Final = Scope.MEMORY_READ
WRITE: Final = Scope.MEMORY_WRITE
ACCOUNT: Final = Scope.ACCOUNT_MANAGE
FILE: Final = {"Content-Type": "application/octet-stream", "File-Name": "note.md"}
UNKNOWN: Final = {"did": "unknown"}
PUBLIC: Final = "Whoever knows a DID may have its log; DIDs that are followed are not served."

HEALTH: Final[Mapping[str, Operation]] = {
    name: Operation(Whom.ANYBODY, shared="It says that the node answers, and nothing of anybody.")
    for name in ("live", "ready", "startup")
}
STREAMS: Final[Mapping[str, Operation]] = {
    "start_import": Operation(WRITE, headers=FILE, raw=b"# A note\n\nText.\n", status=202),
    "list_jobs": Operation(Whom.ANY_CREDENTIAL, carries=WRITE),
    "read_job": Operation(Whom.ANY_CREDENTIAL, carries=WRITE),
    "cancel_job": Operation(WRITE, status=204),
    "follow_job": Operation(Whom.ANY_CREDENTIAL, carries=WRITE),
    "export_memories": Operation(READ, body={}),
    "make_archive": Operation(ACCOUNT, step_up=True, body={}),
    "inspect_archive": Operation(READ, headers=FILE, raw=b"no archive"),
    "import_archive": Operation(ACCOUNT, headers=FILE, raw=b"no archive", status=202),
}
RESOLVER: Final[Mapping[str, Operation]] = {
    "resolve_identifier": Operation(
        Whom.ANYBODY, path={"identifier": "unknown"}, shared=PUBLIC, status=404
    ),
    "read_hosted_log": Operation(Whom.ANYBODY, path=UNKNOWN, shared=PUBLIC, status=404),
    "read_hosted_receipts": Operation(Whom.ANYBODY, path=UNKNOWN, shared=PUBLIC, status=404),
    "submit_log_entries": Operation(
        Whom.ANYBODY,
        path=UNKNOWN,
        headers={"Content-Type": "application/jsonl"},
        raw=b"{}\n",
        shared=PUBLIC,
        status=404,
    ),
}
