import pytest

from demo.authenticator import Authenticator
from mnemosyne.accounts.alarms import AlarmNotFoundError
from mnemosyne.accounts.model import Person
from tests.accounts.conftest import Ways


async def test_an_alarm_is_shown_until_its_person_has_seen_it(
    ways: Ways, person: Person, somebody_else: Person
) -> None:
    device, other = Authenticator(), Authenticator()
    code = (await ways.enrol(person, device)).codes[0]
    await ways.codes.redeem(code)
    theirs = (await ways.signed_in(somebody_else, other)).principal
    assert await ways.alarms.all(theirs) == []
    shown = (await ways.sign_in(device)).alarms
    mine = (await ways.sign_in(device)).session.admitted.principal

    assert await ways.alarms.all(mine) == shown
    with pytest.raises(AlarmNotFoundError):
        await ways.alarms.acknowledge(theirs, shown[0].id)
    await ways.alarms.acknowledge(mine, shown[0].id)

    assert await ways.alarms.all(mine) == []
    assert (await ways.sign_in(device)).alarms == []
    assert "recovery-code-redeemed" in await ways.acts(person)
    with pytest.raises(AlarmNotFoundError):
        await ways.alarms.acknowledge(mine, shown[0].id)
