"""Every command in one table, in the order in which a person meets them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mnemosyne.cli import (
    account,
    account_access,
    account_people,
    archiving,
    audit,
    audit_checking,
    backups,
    capture,
    change,
    did,
    did_cards,
    did_recovering,
    did_resolving,
    doctor,
    embedder,
    erase,
    evaluating,
    find,
    forgetting,
    holding,
    importing,
    keys,
    migrating,
    people,
    rekeying,
    restoring,
    rotating,
    search,
    serving,
    setup,
    status,
)

_BACKUP: Final = "/media/stick/mnemosyne-2026-11-24-0001.backup"


@dataclass(frozen=True, slots=True)
class Command:
    """A command, what it is called, and what it looks like in use."""

    name: str
    function: Callable[..., None]
    example: str


@dataclass(frozen=True, slots=True)
class Group:
    """Commands that belong to one noun."""

    name: str
    help: str
    commands: "Sequence[Command | Group]"


TABLE: Final[Sequence[tuple[str, Sequence[Command | Group]]]] = (
    (
        "Begin",
        (
            Command("init", setup.init, "mnemosyne init --name Ada"),
            Command("status", status.status, "mnemosyne status"),
            Command("unlock", holding.unlock_for, "mnemosyne unlock --for 8h"),
            Command("lock", holding.lock, "mnemosyne lock"),
            Command("serve", serving.serve, "mnemosyne serve --port 8760"),
        ),
    ),
    (
        "Remember",
        (
            Command(
                "capture",
                capture.capture,
                'mnemosyne capture "Walked around the lake with Tomás" --tag lake --when yesterday',
            ),
            Command(
                "import", importing.import_source, "mnemosyne import ~/Documents/diary --dry-run"
            ),
        ),
    ),
    (
        "Find",
        (
            Command(
                "search",
                search.search,
                'mnemosyne search "where did we walk in spring" --person Tomás --explain',
            ),
            Command("get", find.get, "mnemosyne get 8f3a91c2"),
            Command("list", find.list_memories, "mnemosyne list --tag lake --after 2025-03"),
            Command("timeline", find.timeline, "mnemosyne timeline --after 2025-03-01"),
        ),
    ),
    (
        "Change",
        (
            Command("edit", change.edit, 'mnemosyne edit 8f3a91c2 --title "At the lake"'),
            Command(
                "supersede",
                change.supersede,
                'mnemosyne supersede 8f3a91c2 "I live in Porto" --since 2025-05-01',
            ),
            Command("tag", change.tag, "mnemosyne tag 8f3a91c2 lake family"),
            Command("domain", change.domain, "mnemosyne domain 8f3a91c2 family"),
            Command("pin", change.pin, "mnemosyne pin 8f3a91c2 anchored"),
            Command("importance", change.importance, "mnemosyne importance 8f3a91c2 0.9"),
            Command("never-share", change.never_share, "mnemosyne never-share 8f3a91c2"),
            Command("clear-secret", change.clear_secret, "mnemosyne clear-secret 8f3a91c2"),
            Group(
                "people",
                "Who is known, under which names.",
                (
                    Command("list", people.list_people, "mnemosyne people list"),
                    Command(
                        "add",
                        people.add_person,
                        'mnemosyne people add "Tomás Vidal" --alias Tomás',
                    ),
                    Command(
                        "add-card",
                        did_cards.add_card,
                        "mnemosyne people add-card mira.card --name Mira",
                    ),
                    Command("suggest", people.suggest_people, "mnemosyne people suggest"),
                    Command("remove", people.remove_person, "mnemosyne people remove Tomás"),
                    Command(
                        "remove-alias", people.remove_alias, "mnemosyne people remove-alias Tom"
                    ),
                    Command(
                        "merge", people.merge_people, 'mnemosyne people merge Tom "Tomás Vidal"'
                    ),
                    Command("split", people.split_person, "mnemosyne people split Tom"),
                ),
            ),
        ),
    ),
    (
        "Let go",
        (
            Command("forget", forgetting.forget, "mnemosyne forget 8f3a91c2"),
            Group(
                "bin",
                "What was forgotten and can come back.",
                (
                    Command("list", forgetting.list_bin, "mnemosyne bin list"),
                    Command(
                        "restore", forgetting.restore_from_bin, "mnemosyne bin restore 8f3a91c2"
                    ),
                    Command("empty", forgetting.empty_bin, "mnemosyne bin empty --dry-run"),
                ),
            ),
            Command("erase", erase.erase, "mnemosyne erase 8f3a91c2 --dry-run"),
            Group(
                "account",
                "Yourself on this node.",
                (
                    Command("show", account_people.show, "mnemosyne account show"),
                    Command("rename", account_people.rename, 'mnemosyne account rename "Ada L."'),
                    Command("link", account_people.link, "mnemosyne account link"),
                    Command("people", account_people.people, "mnemosyne account people"),
                    Command("invite", account_people.invite, "mnemosyne account invite Grace"),
                    Command(
                        "invitations", account_people.invitations, "mnemosyne account invitations"
                    ),
                    Command(
                        "revoke-invitation",
                        account_people.revoke_invitation,
                        "mnemosyne account revoke-invitation 8f3a91c2",
                    ),
                    Command("tokens", account_access.tokens, "mnemosyne account tokens"),
                    Command(
                        "token",
                        account_access.token,
                        "mnemosyne account token backup-script --scope memory:read --days 30",
                    ),
                    Command(
                        "revoke-token",
                        account_access.revoke_token,
                        "mnemosyne account revoke-token 8f3a91c2",
                    ),
                    Command("passkeys", account_access.passkeys, "mnemosyne account passkeys"),
                    Command("sessions", account_access.sessions, "mnemosyne account sessions"),
                    Command(
                        "sign-out", account_access.sign_out, "mnemosyne account sign-out --all"
                    ),
                    Command("restrict", account_people.restrict, "mnemosyne account restrict"),
                    Command(
                        "unrestrict", account_people.unrestrict, "mnemosyne account unrestrict"
                    ),
                    Command("erase", account.erase, "mnemosyne account erase --dry-run"),
                ),
            ),
        ),
    ),
    (
        "Look after it",
        (
            Group(
                "backup",
                "Sealed copies of the whole vault, each proven by a restore.",
                (
                    Command("make", backups.make_backup, "mnemosyne backup make /media/stick"),
                    Command("list", backups.list_backups, "mnemosyne backup list"),
                    Command("prune", backups.prune_backups, "mnemosyne backup prune --dry-run"),
                ),
            ),
            Group(
                "archive",
                "Everything of yours in one signed file, in an open format.",
                (
                    Command(
                        "export",
                        archiving.export_archive,
                        "mnemosyne archive export ~/ada.mnemosyne --encrypt",
                    ),
                    Command(
                        "inspect",
                        archiving.inspect_archive,
                        "mnemosyne archive inspect ~/ada.mnemosyne",
                    ),
                    Command(
                        "import",
                        archiving.import_archive,
                        "mnemosyne archive import ~/ada.mnemosyne",
                    ),
                ),
            ),
            Command(
                "export",
                archiving.export,
                "mnemosyne export ~/lake.jsonl --tag lake",
            ),
            Command("doctor", doctor.doctor, "mnemosyne doctor --repair"),
            Command("verify", restoring.verify, f"mnemosyne verify {_BACKUP}"),
            Command("restore", restoring.restore, f"mnemosyne restore {_BACKUP} --dry-run"),
            Command("migrate", migrating.migrate, "mnemosyne migrate --backup-to /media/stick"),
            Group(
                "did",
                "Who you are to others: your DID, and theirs.",
                (
                    Command("create", did.create, "mnemosyne did create"),
                    Command("show", did.show, "mnemosyne did show"),
                    Command("log", did.log, "mnemosyne did log --raw > did-log.jsonl"),
                    Command(
                        "update",
                        did.update,
                        "mnemosyne did update --service-endpoint https://ada.example --dry-run",
                    ),
                    Command("card", did_cards.card, "mnemosyne did card > ada.card"),
                    Command("confirm", did.confirm, "mnemosyne did confirm ada.card"),
                    Command("recover", did_recovering.recover, "mnemosyne did recover --rehearse"),
                    Command("deactivate", did.deactivate, "mnemosyne did deactivate"),
                    Command(
                        "resolve",
                        did_resolving.resolve,
                        "mnemosyne did resolve "
                        "did:mnem:bciqdwxrxq7f6qb5vlzybezpehpfozbkrepv7wwbar6mkbjmaqjty5da",
                    ),
                    Command(
                        "serve-resolver",
                        did_resolving.serve_resolver,
                        "mnemosyne did serve-resolver --port 8553",
                    ),
                    Command(
                        "export-suite",
                        did_resolving.export_suite,
                        "mnemosyne did export-suite ~/did-suite",
                    ),
                ),
            ),
            Group(
                "key",
                "What opens the vault.",
                (
                    Command("list", keys.list_keys, "mnemosyne key list"),
                    Command(
                        "add-passphrase",
                        keys.add_passphrase,
                        "mnemosyne key add-passphrase --generate",
                    ),
                    Command(
                        "add-key-file",
                        keys.add_key_file,
                        "mnemosyne key add-key-file /media/stick/mnemosyne.key",
                    ),
                    Command("add-keyring", keys.add_keyring, "mnemosyne key add-keyring"),
                    Command("remove", keys.remove_key, "mnemosyne key remove 5c0d77e1"),
                    Command(
                        "replace-passphrase",
                        keys.replace_passphrase,
                        "mnemosyne key replace-passphrase",
                    ),
                    Command("rotate", rotating.rotate, "mnemosyne key rotate"),
                    Command("rekey", rekeying.rekey, "mnemosyne key rekey"),
                    Group(
                        "phrase",
                        "The recovery phrase.",
                        (
                            Command("verify", keys.verify_phrase, "mnemosyne key phrase verify"),
                            Command(
                                "replace",
                                did_recovering.replace_phrase,
                                "mnemosyne key phrase replace",
                            ),
                        ),
                    ),
                    Group(
                        "file",
                        "Key files.",
                        (
                            Command(
                                "create",
                                keys.create_key_file,
                                "mnemosyne key file create /media/stick/mnemosyne.key",
                            ),
                        ),
                    ),
                ),
            ),
            Group(
                "embedder",
                "What finds memories by meaning.",
                (
                    Command("status", embedder.embedder_status, "mnemosyne embedder status"),
                    Command("install", embedder.embedder_install, "mnemosyne embedder install"),
                ),
            ),
            Command("reindex", embedder.reindex, "mnemosyne reindex"),
            Group(
                "audit",
                "Your record of what was done and read.",
                (
                    Command("log", audit.log, "mnemosyne audit log"),
                    Command("reads", audit.reads, "mnemosyne audit reads 8f3a91c2"),
                    Command(
                        "verify",
                        audit_checking.verify,
                        "mnemosyne audit verify /media/stick/record-2026-11-24.json",
                    ),
                    Command(
                        "checkpoint",
                        audit_checking.checkpoint,
                        "mnemosyne audit checkpoint /media/stick/record-2026-11-24.json",
                    ),
                    Command(
                        "export", audit_checking.export, "mnemosyne audit export ~/record.jsonl"
                    ),
                    Command("receipt", audit.receipt, "mnemosyne audit receipt 3 > receipt.json"),
                    Command(
                        "verify-receipt",
                        audit.verify_receipt,
                        "mnemosyne audit verify-receipt receipt.json",
                    ),
                ),
            ),
            Group(
                "eval",
                "How well memories are found.",
                (
                    Command(
                        "retrieval",
                        evaluating.retrieval,
                        "mnemosyne eval retrieval ~/data/locomo-1 --json",
                    ),
                ),
            ),
            Command("settings", status.settings, "mnemosyne settings"),
        ),
    ),
)
