"""What pages say: of every alarm, of commands that exist, and of codes that nobody kept."""

import re
import shlex
from importlib.resources import files
from itertools import takewhile

import pytest
from sqlalchemy import Connection

from mnemosyne.accounts import alarms, store_recovery_codes
from mnemosyne.accounts.alarms import Alarm, AlarmKind
from mnemosyne.accounts.store_recovery_codes import StoredCode
from mnemosyne.kit.ids import new_id
from mnemosyne.web.sayings import ALARMS, warned
from tests.cli.commands import every_command
from tests.clock import SetClock
from tests.serving import NO_PASSKEY
from tests.web.conftest import Site
from tests.web.test_pages import read

_COMMAND = re.compile(r"<code>mnemosyne ([^<]+)</code>")
_PLACE = re.compile(r"[A-Z]+|--.+")  # FILE, --help


@pytest.mark.parametrize("kind", AlarmKind)
def test_every_alarm_has_words_of_its_own(kind: AlarmKind) -> None:
    others = [words for other, words in ALARMS.items() if other is not kind]

    assert ALARMS[kind] not in others


def test_an_alarm_of_an_unknown_kind_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnemosyne.web.sayings.ALARMS", {})
    at = SetClock()()

    told = warned(Alarm(new_id(at), AlarmKind.LINK_USED, at, {}))

    assert "your ways in" in told.words


async def test_a_used_link_is_told_on_both_pages_that_tell_of_alarms(site: Site) -> None:
    served = site.served

    def ring_all(tx: Connection) -> None:
        for kind in AlarmKind:
            owner, at = served.ada.id, served.clock()
            alarms.ring(tx, owner, kind, NO_PASSKEY, at, channel="http", facts={})

    await served.node.database.write(ring_all)
    ada = await site.person(served.ada)

    for path in ("/", "/devices"):
        text = read(await ada.get(path)).text
        assert all(words in text for words in ALARMS.values())


def test_every_command_that_a_page_names_is_one() -> None:
    known = every_command()
    folder = files("mnemosyne.web") / "templates"
    named = {
        (each.name, command)
        for each in folder.iterdir()
        for command in _COMMAND.findall(each.read_text("utf-8"))
    }

    assert len(named) > 3
    for page, command in named:
        words = shlex.split(command)
        name = " ".join(takewhile(lambda word: not _PLACE.fullmatch(word), words))
        help_of_group = words[-1] == "--help" and any(key.startswith(f"{name} ") for key in known)
        assert name in known or help_of_group, f"{page} names `mnemosyne {command}`"


async def test_codes_that_nobody_said_to_have_kept_are_told_of_until_they_are(site: Site) -> None:
    served = site.served
    at = served.clock()
    code = StoredCode(new_id(at), served.bob.id, "ABCD", bytes(16), bytes(32), redeemed=False)
    await served.node.database.write(
        lambda tx: store_recovery_codes.replace(tx, served.bob.id, [code], at)
    )
    bob = await site.person(served.bob)
    warning = "You have not said that you kept your recovery codes."

    for path in ("/", "/devices"):
        assert warning in read(await bob.get(path)).text
    await served.node.recovery_codes.acknowledge(served.principal(served.bob))
    for path in ("/", "/devices"):
        assert warning not in read(await bob.get(path)).text
