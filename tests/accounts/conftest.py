"""The ways in of a node whose two people have no passkey yet."""

from dataclasses import dataclass, field, replace

import pytest

from demo.authenticator import Authenticator
from mnemosyne.accounts.alarms import Alarms
from mnemosyne.accounts.challenges import Challenges
from mnemosyne.accounts.credentials import Admitted, RelyingParty
from mnemosyne.accounts.enrolling import Enrolled, Enrolling
from mnemosyne.accounts.model import Person
from mnemosyne.accounts.passkeys import Passkeys
from mnemosyne.accounts.recovery_codes import RecoveryCodes
from mnemosyne.accounts.sessions import Sessions
from mnemosyne.accounts.signing_in import SignedIn, SigningIn
from mnemosyne.accounts.slow_hashes import SlowHashes
from mnemosyne.accounts.step_ups import StepUps
from mnemosyne.audit import store as audit
from mnemosyne.kit.database import Database
from mnemosyne.kit.vault.passphrase import Argon2Parameters
from tests.clock import SetClock
from tests.passkeys import give_passkey

PARTY = RelyingParty("mnemosyne.localhost", "http://mnemosyne.localhost:8760", "Mnemosyne")
BROWSER = "a browser"
FAST = Argon2Parameters(memory_kib=64, passes=1, lanes=1)


@dataclass
class Ways:
    """Every service around passkeys, over one database and one clock."""

    database: Database
    clock: SetClock
    challenges: Challenges = field(init=False)

    def __post_init__(self) -> None:
        self.challenges = Challenges(self.clock)
        parts = self.database, self.challenges, self.clock
        self.codes = RecoveryCodes(self.database, SlowHashes(FAST), self.clock)
        self.sessions = Sessions(self.database, self.clock)
        self.alarms = Alarms(self.database, self.clock)
        self.signing_in = SigningIn(*parts)
        self.passkeys = Passkeys(*parts)
        self.step_ups = StepUps(*parts)
        self.enrolling = Enrolling(self.database, self.challenges, self.codes, self.clock)

    async def enrol(
        self, person: Person, device: Authenticator, party: RelyingParty = PARTY
    ) -> Enrolled:
        """Give ``device`` the passkey that a link from the shell allows."""
        return await give_passkey(self, person.id, device, party)

    async def sign_in(self, device: Authenticator, origin: str = PARTY.origin) -> SignedIn:
        """Sign in with ``device``, whose browser says that it is at ``origin``."""
        answer = device.get(self.signing_in.options(BROWSER, PARTY), origin)
        return await self.signing_in.sign_in(BROWSER, answer, PARTY)

    async def signed_in(self, person: Person, device: Authenticator) -> Admitted:
        """Enrol ``device`` and return its session."""
        return (await self.enrol(person, device)).session.admitted

    async def acts(self, person: Person) -> list[str]:
        """Return what the record of a person says, the newest first."""
        entries = await self.database.read(lambda tx: audit.entries(tx, person.id))
        return [each.type for each in entries]


@pytest.fixture
def ways(database: Database, clock: SetClock) -> Ways:
    return Ways(database, clock)


def confirmed(current: Admitted) -> Admitted:
    """Return a session as that of somebody who has confirmed the act with a passkey."""
    return replace(current, principal=replace(current.principal, held=False))
