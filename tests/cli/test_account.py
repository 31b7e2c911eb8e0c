"""`account`: who you are, who else is here, what scripts may do, and what restricts processing."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import Connection

from demo.authenticator import Authenticator
from mnemosyne import bootstrap
from mnemosyne.accounts import enrolments, sessions
from mnemosyne.cli.row_names import NAMES
from mnemosyne.kit.principal import Principal
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFileRules, read_key_file
from mnemosyne.kit.vault.lock import VaultLock
from mnemosyne.settings import Settings
from tests.cli.conftest import Cli, Made
from tests.cli.services import with_services
from tests.passkeys import give_passkey
from tests.requirements import requirement

T = TypeVar("T")


def inside(vault: Made, cli: Cli, work: Callable[[Connection], T]) -> T:
    """Do something in the vault that a browser would have it do."""

    async def opened() -> T:
        settings = Settings(home=vault.home)
        key = read_key_file(vault.key_file, KeyFileRules(vault.home))
        async with bootstrap.opened(settings, key, "test", cli.clock) as node:
            return await node.database.write(work)

    return asyncio.run(opened())


def join(vault: Made, cli: Cli, name: str) -> None:
    """Let somebody join as the address of an invitation lets them."""
    secret = cli.json("account", "invite", name)["address"].partition("#")[2]
    at = cli.clock()
    inside(vault, cli, lambda tx: enrolments.use(tx, enrolments.find(tx, secret, at), "", at))


@requirement("serving.invitations")
def test_an_invitation_is_printed_once_listed_and_revoked(cli: Cli) -> None:
    shown = cli.ok("account", "invite", "Grace")

    address = re.search(r"http\S+", shown)
    assert address is not None
    assert re.fullmatch(
        r"http://mnemosyne\.localhost:8760/invite#mnemenrol_[A-Za-z0-9_-]{48}", address[0]
    )
    assert "can read everything in it" in " ".join(shown.split())
    (invitation,) = cli.json("account", "invitations")["invitations"]
    assert (invitation["kind"], invitation["name"]) == ("invitation", "Grace")
    assert "mnemenrol" not in cli.ok("account", "invitations")
    cli.ok("account", "revoke-invitation", invitation["id"][-8:])
    assert cli.json("account", "invitations") == {"invitations": []}
    gone = cli("account", "revoke-invitation", invitation["id"])
    assert (gone.code, "no such invitation" in gone.err) == (3, True)


@requirement("serving.people")
def test_a_link_is_for_you_or_for_somebody_who_is_named(cli: Cli, vault: Made) -> None:
    join(vault, cli, "Grace")

    mine = cli.json("account", "link", "--public-url", "https://node.example/")
    theirs = cli.json("account", "link", "--person", "grace")

    assert mine["address"].startswith("https://node.example/register#mnemenrol_")
    assert theirs["address"].startswith("http://mnemosyne.localhost:8760/register#mnemenrol_")
    assert mine["expires_at"] == "2026-03-15T15:09:26.535897+00:00"
    nobody = cli("account", "link", "--person", "Nobody")
    assert (nobody.code, "nobody on this node" in nobody.err) == (3, True)
    number = cli("account", "link", "--public-url", "http://192.0.2.1")
    assert number.code != 0
    assert [each["name"] for each in cli.json("account", "people")["people"]] == ["Ada", "Grace"]
    assert "Ada    since 14 Mar 2026 15:09, whose node this is" in cli.ok("account", "people")


@requirement("serving.tokens")
def test_a_token_is_printed_once_listed_and_revoked(cli: Cli) -> None:
    shown = cli.ok("account", "token", "night import", "--scope", "memory:read", "--days", "30")

    secret = re.search(r"mnem_[A-Za-z0-9_-]{48}", shown)
    assert secret is not None
    assert "It carries memory:read,\n" in shown
    (token,) = cli.json("account", "tokens")["tokens"]
    assert (token["name"], token["scopes"]) == ("night import", ["memory:read"])
    assert token["expires_at"].startswith("2026-04-13")
    assert secret[0] not in cli.ok("account", "tokens")
    assert cli.json("account", "revoke-token", token["id"][-8:])["revoked"]["id"] == token["id"]
    assert "No script has a token" in cli.ok("account", "tokens")
    assert cli("account", "revoke-token", token["id"]).code == 3


def test_scopes_may_stand_behind_one_another_or_apart(cli: Cli) -> None:
    together = cli.json("account", "token", "a", "--scope", "memory:read, memory:write")
    apart = cli.json("account", "token", "b", "--scope", "memory:read", "--scope", "memory:write")

    assert together["scopes"] == apart["scopes"] == ["memory:read", "memory:write"]


@pytest.mark.parametrize(
    "scopes", [[], ["admin"], ["everything"], ["memory:read", "account:manage"]]
)
def test_a_token_of_the_shell_is_no_stronger_than_any_other(cli: Cli, scopes: list[str]) -> None:
    given = [word for scope in scopes for word in ("--scope", scope)]

    refused = cli("account", "token", "script", *given)

    assert refused.code == 2
    assert "memory:read" in refused.err
    assert cli.json("account", "tokens") == {"tokens": []}


def test_sessions_are_listed_and_ended_one_by_one_or_all(cli: Cli, vault: Made) -> None:
    owner = cli.json("account", "show")["id"]

    def begin(tx: Connection) -> None:
        for number in range(3):
            said = f"Mozilla/5.0 (X11; Linux x86_64) Chrome/{number} Safari/537.36"
            sessions.begin(tx, owner, "0" * 32, cli.clock(), device=said)

    inside(vault, cli, begin)
    found = cli.json("account", "sessions")["sessions"]
    assert len(found) == 3
    assert "Chrome on Linux" in (shown := cli.ok("account", "sessions"))
    assert "Mozilla" not in shown

    assert cli.json("account", "sign-out", found[0]["id"][-8:]) == {"ended": 1}
    assert cli("account", "sign-out").code == 4
    assert cli("account", "sign-out", found[0]["id"]).code == 3
    assert cli.json("account", "sign-out", "--all") == {"ended": 2}
    assert "signed in nowhere" in cli.ok("account", "sessions")
    assert "no passkey" in cli.ok("account", "passkeys")


@requirement("serving.restriction")
def test_processing_is_restricted_and_the_restriction_lifted(cli: Cli) -> None:
    kept = cli.capture("Walked around the lake.")

    assert "restricted" in cli.ok("account", "restrict")
    for command in (["capture", "--", "New."], ["search", "lake"], ["tag", kept, "lake"]):
        refused = cli(*command)
        assert (refused.code, "is restricted" in refused.err) == (4, True)
        assert "account unrestrict" in refused.err
    assert cli.json("account", "show")["restricted_since"] is not None
    assert "since 14 Mar 2026 15:09: `mnemosyne account unrestrict`" in cli.ok("status")
    assert "lake" in cli.ok("get", kept)
    assert cli.json("account", "unrestrict")["restricted_since"] is None
    cli.capture("And on it goes.")


def test_the_restriction_of_somebody_else_is_theirs_to_lift(cli: Cli, vault: Made) -> None:
    join(vault, cli, "Grace")

    shown = cli.ok("account", "restrict", "--person", "Grace")

    assert "Only Grace can lift it, signed in." in shown
    assert "unrestrict" not in shown
    assert "mnemosyne account unrestrict" in cli.ok("account", "restrict")


@pytest.mark.parametrize(
    ("command", "path"), [(("link",), "register"), (("invite", "Grace"), "invite")]
)
def test_what_is_handed_out_leads_to_the_node_that_runs(
    cli: Cli, vault: Made, command: tuple[str, ...], path: str
) -> None:
    serving = VaultLock(VaultHome(vault.home), "mnemosyne serve", cli.clock)
    with serving.shared():
        serving.answers_at("http://mnemosyne.localhost:9000")
        made = cli("account", *command)
        elsewhere = cli("account", *command, "--public-url", "https://node.example")
    after = cli("account", *command)

    assert f"http://mnemosyne.localhost:9000/{path}#" in made.out
    assert "answers at http://mnemosyne.localhost:9000; the settings say" in made.err
    assert f"https://node.example/{path}#" in elsewhere.out
    assert "answers at http://mnemosyne.localhost:9000, and nowhere else" in elsewhere.err
    assert f"http://mnemosyne.localhost:8760/{path}#" in after.out
    assert after.err == ""


def test_the_fields_of_an_account_stand_in_one_column(cli: Cli) -> None:
    shown = cli.ok("account", "show")
    rows = re.findall(r"^(since|passkeys|sessions|tokens)( +)", shown, re.MULTILINE)

    assert len(rows) == 4
    assert {len(name) + len(space) for name, space in rows} == {16}


def test_what_an_erase_would_remove_is_named_in_words(cli: Cli) -> None:
    cli.capture("Walked around the lake.")
    shown = cli.ok("account", "erase", "--dry-run")
    tables = {owned.table.name for each in bootstrap.PROVIDERS for owned in each.tables}

    assert "memories" in shown
    assert "_" not in shown
    assert tables == set(NAMES)


@requirement("serving.people")
def test_whose_node_it_is_is_erased_last(cli: Cli, vault: Made, environment: Path) -> None:
    join(vault, cli, "Grace")
    cli.capture("Mine stays.")

    first = cli("account", "erase", "--confirm", "Ada")
    assert (first.code, "others are on it" in first.err) == (4, True)
    assert cli("account", "erase", "--person", "Grace", "--confirm", "Ada").code == 4
    receipt = environment / "receipt.json"
    cli.ok(
        "account", "erase", "--person", "Grace", "--confirm", "Grace", "--receipt-out", str(receipt)
    )

    cli.ok("audit", "verify-receipt", str(receipt))
    assert [each["name"] for each in cli.json("account", "people")["people"]] == ["Ada"]
    assert len(cli.json("list")["memories"]) == 1


def test_a_person_is_called_something_else(cli: Cli, vault: Made) -> None:
    join(vault, cli, "Grace")

    assert cli.json("account", "rename", "Ada L.")["name"] == "Ada L."
    taken = cli("account", "rename", "GRACE")
    assert (taken.code, "called that already" in taken.err) == (4, True)
    assert cli("account", "rename", "a\u202eb").code == 2
    assert "Ada L., whose node this is" in cli.ok("account", "show")


@requirement("serving.enrolment")
def test_whoever_has_not_ended_their_set_up_is_told(cli: Cli, vault: Made) -> None:
    with_services(vault, cli.clock, lambda app: give_passkey(app, app.person.id, Authenticator()))
    before, shown = cli.json("account", "show"), cli("account", "show")
    with_services(
        vault, cli.clock, lambda app: app.recovery_codes.acknowledge(Principal.local(app.person.id))
    )

    assert (before["passkeys"], before["recovery_codes"], before["set_up"]) == (1, 10, False)
    assert "Set-up has not ended" in shown.out + shown.err
    assert cli.json("account", "show")["set_up"] is True
    assert "Set-up" not in cli.ok("account", "show")
