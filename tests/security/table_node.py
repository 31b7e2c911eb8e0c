"""Operations on the node as a whole, and on the record of what was done: how each is called."""

from collections.abc import Mapping
from typing import Final

from mnemosyne.kit.principal import Scope
from tests.security.policy import Operation

ACCOUNT: Final = Scope.ACCOUNT_MANAGE
ADMIN: Final = Scope.ADMIN
OCTETS: Final = {"Content-Type": "application/octet-stream"}

NODE: Final[Mapping[str, Operation]] = {
    "list_backups": Operation(ADMIN),
    "make_backup": Operation(ADMIN, step_up=True, body={"folder": "{own_folder}"}, status=202),
    "verify_backup": Operation(ADMIN, step_up=True, status=202),
    "preview_prune": Operation(ADMIN, body={}),
    "prune_backups": Operation(ADMIN, step_up=True, body={}),
    "list_entries": Operation(ACCOUNT),
    "list_reads": Operation(ACCOUNT),
    "read_checkpoint": Operation(ACCOUNT),
    "read_receipt": Operation(ACCOUNT, alone=True),
    "check_receipt": Operation(ACCOUNT, body={}),
    "verify_record": Operation(ACCOUNT),
    "compare_record": Operation(ACCOUNT, headers=OCTETS, raw=b"no evidence"),
    "export_record": Operation(ACCOUNT),
    "list_keys": Operation(ADMIN),
    "list_node_keys": Operation(ACCOUNT),
    "rotate_node_key": Operation(ADMIN, step_up=True, status=201),
    "close_key": Operation(ADMIN, step_up=True),
    "start_examination": Operation(ADMIN, status=202),
    "start_repair": Operation(ADMIN, step_up=True, status=202),
    "start_record_verification": Operation(ADMIN, status=202),
    "read_backlog": Operation(Scope.MEMORY_READ),
    "start_reindexing": Operation(Scope.MEMORY_WRITE, body={}, status=202),
}
