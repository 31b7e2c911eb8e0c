"""Whatever a command can do, an operation can do as well, or the documentation says why not."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from fastapi.routing import APIRoute

from mnemosyne.api.app import NOUNS
from mnemosyne.cli.table import TABLE, Command, Group
from tests.house.tree import ROOT
from tests.requirements import requirement

SECTION: Final = "## What only the shell does"
OPERATIONS: Final[Mapping[str, str]] = {
    "status": "read_overview read_account read_backlog",
    "capture": "capture_memory capture_memories",
    "import": "start_import follow_job cancel_job",
    "search": "search_memories",
    "get": "read_memory read_detail",
    "list": "list_memories list_privately",
    "timeline": "read_timeline read_timeline_privately",
    "edit": "edit_memory",
    "supersede": "supersede_memory reopen_memory",
    "tag": "change_tags",
    "domain": "change_domains",
    "pin": "pin_memory",
    "importance": "set_importance",
    "never-share": "mark_never_share",
    "clear-secret": "clear_secret",
    "people list": "list_contacts read_contact",
    "people add": "add_contact change_contact",
    "people add-card": "take_card",
    "people suggest": "suggest_contacts",
    "people remove": "remove_contact",
    "people remove-alias": "change_contact",
    "people merge": "merge_contact",
    "people split": "split_contact",
    "forget": "forget_memory forget_memories",
    "bin list": "list_bin",
    "bin restore": "restore_memories",
    "bin empty": "empty_bin",
    "erase": "preview_erasure erase_memories read_erasure",
    "account show": "read_account",
    "account rename": "rename_account",
    "account people": "list_residents",
    "account invite": "invite",
    "account invitations": "list_invitations",
    "account revoke-invitation": "revoke_invitation",
    "account tokens": "list_tokens",
    "account token": "create_token",
    "account revoke-token": "revoke_token",
    "account passkeys": "list_passkeys",
    "account sessions": "list_sessions",
    "account sign-out": "revoke_session revoke_other_sessions",
    "account restrict": "restrict_processing",
    "account unrestrict": "lift_restriction",
    "account erase": "preview_account_erasure erase_account",
    "backup make": "make_backup",
    "backup list": "list_backups",
    "backup prune": "preview_prune prune_backups",
    "archive export": "make_archive",
    "archive inspect": "inspect_archive",
    "archive import": "import_archive",
    "export": "export_memories",
    "doctor": "start_examination start_repair",
    "did create": "make_phrase create_did",
    "did show": "read_did",
    "did log": "read_did_log",
    "did update": "preview_did update_did",
    "did card": "make_card",
    "did confirm": "confirm_did follow_did",
    "did recover": "rehearse_recovery plan_recovery recover_did",
    "did deactivate": "deactivate_did",
    "did resolve": "resolve_identifier resolve_did",
    "key list": "list_keys list_node_keys",
    "key remove": "close_key",
    "key rotate": "rotate_did rotate_node_key",
    "reindex": "start_reindexing read_backlog",
    "audit log": "list_entries",
    "audit reads": "list_reads",
    "audit verify": "verify_record compare_record start_record_verification",
    "audit checkpoint": "read_checkpoint",
    "audit export": "export_record",
    "audit receipt": "read_receipt",
    "audit verify-receipt": "check_receipt",
}


def commands(parts: Iterable[Command | Group], before: str = "") -> Iterator[str]:
    for part in parts:
        if isinstance(part, Group):
            yield from commands(part.commands, f"{before}{part.name} ")
        else:
            yield f"{before}{part.name}"


def documented() -> set[str]:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    section = text.partition(SECTION)[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \| (.+) \|$", section, re.MULTILINE)
    assert all(why.endswith(".") for _, why in rows)
    return {name for row, _ in rows for name in re.findall(r"`([^`]+)`", row)}


@requirement("serving.everything", "serving.api")
def test_every_command_has_its_operations_or_a_reason_why_it_has_none() -> None:
    every = {name for _, parts in TABLE for name in commands(parts)}
    only_shell = documented()

    assert only_shell <= every
    assert OPERATIONS.keys() | only_shell == every
    assert not OPERATIONS.keys() & only_shell


def test_the_operations_of_the_commands_are_there() -> None:
    routes = [route for noun in NOUNS for route in noun.router.routes]
    there = {route.operation_id for route in routes if isinstance(route, APIRoute)}
    named = {name for names in OPERATIONS.values() for name in names.split()}

    assert named - {"resolve_identifier"} <= there
