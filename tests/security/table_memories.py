"""Operations on memories and on the people list: how each is called."""

from collections.abc import Mapping
from typing import Final

from mnemosyne.kit.principal import Scope
from tests.security import rows
from tests.security.policy import Operation

READ: Final = Scope.MEMORY_READ
WRITE: Final = Scope.MEMORY_WRITE
ERASE: Final = Scope.MEMORY_ERASE
ONCE: Final = {"Idempotency-Key": "{key}"}
ANYHOW: Final = {"If-Match": "*"}
EMPTY: Final = "A thread that nobody has, and one that somebody else has, hold nothing."

MEMORIES: Final[Mapping[str, Operation]] = {
    "capture_memory": Operation(WRITE, headers=ONCE, body={"content": "new {key}"}, status=201),
    "capture_memories": Operation(
        WRITE, headers=ONCE, body={"memories": [{"content": "new {key}"}]}
    ),
    "list_memories": Operation(READ),
    "list_memories with thread": Operation(READ, query="?thread_id={memory}", shared=EMPTY),
    "list_privately": Operation(READ, body={}),
    "list_privately with thread": Operation(READ, body={"thread_id": "{memory}"}, shared=EMPTY),
    "count_memories": Operation(READ, body={}),
    "count_memories with thread": Operation(READ, body={"thread_id": "{memory}"}, shared=EMPTY),
    "read_memory": Operation(READ),
    "read_detail": Operation(READ),
    "read_detail with bin": Operation(READ, path={"memory": "binned"}, query="?everywhere=true"),
    "read_wording": Operation(READ, path={"memory": "reworded"}),
    "edit_memory": Operation(WRITE, headers=ANYHOW, body={"content": "edited {key}"}),
    "supersede_memory": Operation(WRITE, headers=ONCE, body={"content": "newer {key}"}, status=201),
    "reopen_memory": Operation(WRITE, path={"memory": "superseded"}),
    "change_tags": Operation(WRITE, body={"add": ["new"]}),
    "change_domains": Operation(WRITE, body={"add": ["music"]}),
    "pin_memory": Operation(WRITE, body={"level": "anchored"}),
    "mark_never_share": Operation(WRITE, body={"mark": True}),
    "set_importance": Operation(WRITE, body={"value": 0.9}),
    "clear_secret": Operation(WRITE, session_only=True),
    "search_memories": Operation(READ, body={"question": "which bird"}),
    "search_memories with thread": Operation(
        READ, body={"question": "which bird", "thread_id": "{memory}"}, shared=EMPTY
    ),
    "read_timeline": Operation(READ),
    "read_timeline_privately": Operation(READ, body={}),
    "read_overview": Operation(READ),
}
GOING: Final[Mapping[str, Operation]] = {
    "forget_memory": Operation(WRITE, status=204),
    "forget_memories": Operation(WRITE, body={"memories": ["{memory}"]}),
    "forget_memories with own": Operation(WRITE, body={"memories": ["{own_memory}", "{memory}"]}),
    "list_bin": Operation(READ),
    "empty_bin": Operation(
        ERASE, step_up=True, body={"expected": 1}, alone=True, before=rows.binned
    ),
    "restore_memories": Operation(WRITE, body={"memories": ["{binned}"]}),
    "preview_erasure": Operation(ERASE, body={"memories": ["{memory}"]}),
    "erase_memories": Operation(ERASE, step_up=True, body={"memories": ["{memory}"]}),
    "erase_memories with own": Operation(
        ERASE, step_up=True, body={"memories": ["{own_memory}", "{memory}"]}
    ),
    "erase_memories with bin": Operation(ERASE, step_up=True, body={"memories": ["{binned}"]}),
    "read_erasure": Operation(ERASE),
}
CONTACTS: Final[Mapping[str, Operation]] = {
    "list_contacts": Operation(READ),
    "list_contacts with cursor": Operation(
        READ,
        query="?cursor={contact}",
        shared="No place in a list of the caller's.",
    ),
    "add_contact": Operation(WRITE, body={"name": "Wren {key}"}),
    "read_contact": Operation(READ),
    "change_contact": Operation(WRITE, body={"name": "Lark {key}"}),
    "remove_contact": Operation(WRITE, status=204),
    "merge_contact": Operation(WRITE, body={"into": "{contact}"}, path={"contact": "own_contact"}),
    "merge_contact with own": Operation(WRITE, body={"into": "{own_contact}"}),
    "split_contact": Operation(WRITE, body={"alias": "{alias}"}),
    "suggest_contacts": Operation(READ),
}
