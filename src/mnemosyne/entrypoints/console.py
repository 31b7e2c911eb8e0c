"""The shell of this machine: hand the commands an installation that opens when it is needed."""

import gc
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mnemosyne.cli.app import NAME, build
from mnemosyne.cli.errors import OutputStreamError
from mnemosyne.cli.exit_codes import ExitCode, exit_code_of
from mnemosyne.cli.node import ServeChoices, Setting
from mnemosyne.cli.running import tell
from mnemosyne.cli.streams import complete_output
from mnemosyne.kit.clock import Clock, system_clock
from mnemosyne.kit.vault.home import switch_core_dumps_off

if TYPE_CHECKING:  # `--help` needs neither settings nor a database
    from contextlib import AbstractAsyncContextManager

    from mnemosyne.application import Application
    from mnemosyne.cli.node import Served, ServedNode
    from mnemosyne.kit.vault.held_key import Unlocked
    from mnemosyne.kit.vault.holder_place import HolderPlace
    from mnemosyne.kit.vault.key_file import KeyFile, KeyFileRules
    from mnemosyne.kit.vault.passphrase import Argon2Parameters
    from mnemosyne.kit.vault.root_key import HeldKey
    from mnemosyne.kit.vault.slot_wrapping import Secret
    from mnemosyne.kit.vault.system_keyring import SystemKeyring
    from mnemosyne.memories.ports import Embedders
    from mnemosyne.safekeeping.erasure_completion import ErasureCompletion
    from mnemosyne.safekeeping.migrating import Migrated
    from mnemosyne.safekeeping.record_verification import RecordVerification
    from mnemosyne.safekeeping.rekeying import Rekeyed, Rekeying, WaysIn
    from mnemosyne.safekeeping.restore import RestoreChoices, Restored
    from mnemosyne.safekeeping.verify import Verdict
    from mnemosyne.settings import Settings


_YOUNG_OBJECTS: Final = 20_000


class LocalNode:
    """The installation that the environment describes; every part is loaded when it is asked for.

    ``argon2`` is the cost of a new passphrase; it is calibrated on this machine unless given.
    """

    def __init__(
        self, clock: Clock = system_clock, argon2: "Argon2Parameters | None" = None
    ) -> None:
        self._clock = clock
        self._argon2 = argon2

    @property
    def home(self) -> Path:
        """Return the folder of the vault."""
        return self._settings.home

    @cached_property
    def zone(self) -> tzinfo:
        """Return where the person lives."""
        from mnemosyne.bootstrap import zone_of  # noqa: PLC0415 - brings the database

        return zone_of(self._settings)

    @property
    def drain_seconds(self) -> float:
        """Return for how long a command works on waiting enrichment."""
        return self._settings.drain_seconds

    @property
    def import_limit(self) -> int:
        """Return the most bytes that one import may read."""
        return self._settings.import_limit

    def now(self) -> datetime:
        """Return the present moment, in UTC."""
        return self._clock()

    def settings(self) -> Sequence[Setting]:
        """Return every setting."""
        from mnemosyne.settings import PREFIX  # noqa: PLC0415 - the environment is read when needed

        return [
            Setting(
                PREFIX + name.upper(),
                _shown(getattr(self._settings, name)),
                _shown(field.get_default(call_default_factory=True)),
                str(field.description),
            )
            for name, field in type(self._settings).model_fields.items()
        ]

    def key_file(self) -> "KeyFile | None":
        """Return the key in the file that the settings name, or None where they name none."""
        path = self._settings.key_file
        return None if path is None else self.read_key_file(path)

    def read_key_file(self, path: Path) -> "KeyFile":
        """Return the key in the file at ``path``."""
        from mnemosyne.kit.vault.key_file import read_key_file  # noqa: PLC0415 - seldom needed

        return read_key_file(path, self._key_file_rules())

    def held_key(self) -> "HeldKey | None":
        """Return the database key where a key holder has it, or None."""
        from mnemosyne.kit.vault import held_key  # noqa: PLC0415 - `--help` opens nothing

        return held_key.held_key(self._holder_place())

    def hold(self, secret: "Secret", span: timedelta) -> "Unlocked":
        """Start a key holder that gives out the database key for ``span``."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database
        from mnemosyne.entrypoints import key_holder  # noqa: PLC0415
        from mnemosyne.kit.vault.holder_place import KeyHolderError  # noqa: PLC0415

        until = self._clock() + span
        key = bootstrap.database_key(self._settings, secret, until, self._clock)
        self.end_holder()
        key_holder.start(self._holder_place(), key, span.total_seconds(), until)
        if (made := self.unlocked()) is None:
            raise KeyHolderError("It was started and does not answer")
        return made

    def unlocked(self) -> "Unlocked | None":
        """Return until when a key holder has the key, or None where there is none."""
        from mnemosyne.kit.vault import held_key  # noqa: PLC0415 - `--help` opens nothing

        return held_key.unlocked(self._holder_place())

    def end_holder(self) -> bool:
        """Let the key holder forget the key; return whether there was one."""
        from mnemosyne.kit.vault import held_key  # noqa: PLC0415 - `--help` opens nothing

        return held_key.end(self._holder_place())

    def _holder_place(self) -> "HolderPlace":
        from mnemosyne.kit.vault.holder_place import HolderPlace  # noqa: PLC0415 - as above

        return HolderPlace(self._settings.runtime, self.home)

    def keyring(self) -> "SystemKeyring":
        """Return the keyring of whoever is logged in."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database

        return bootstrap.system_keyring()

    def create_key_file(self, path: Path) -> "KeyFile":
        """Write a fresh key file at ``path``."""
        from mnemosyne.kit.vault.key_file import create_key_file  # noqa: PLC0415 - seldom needed

        return create_key_file(path, self._key_file_rules())

    def open(
        self, secret: "Secret | HeldKey", command: str
    ) -> "AbstractAsyncContextManager[Application]":
        """Open the vault with ``secret``; ``command`` is what other processes are told."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database

        return bootstrap.opened(self._settings, secret, command, self._clock, self._argon2)

    def open_record(
        self, secret: "Secret", command: str
    ) -> "AbstractAsyncContextManager[RecordVerification]":
        """Open the vault for the verification of its records, which needs no person."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database

        return bootstrap.opened_record(self._settings, secret, command, self._clock)

    def open_erasure(
        self, secret: "Secret", command: str
    ) -> "AbstractAsyncContextManager[ErasureCompletion]":
        """Open a vault whose person was erased, to complete that and hand out the receipt."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database

        return bootstrap.opened_erasure(self._settings, secret, command, self._clock)

    async def create(self, name: str, secrets: "Sequence[Secret]", recovery_key_hash: str) -> None:
        """Make a vault that opens with each of ``secrets``."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database

        await bootstrap.create(
            self._settings,
            name,
            secrets,
            recovery_key_hash,
            argon2=self._argon2,
            clock=self._clock,
        )

    def missing_weights(self) -> str:
        """Return why there is no embedder, or an empty text where there is one."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database

        return bootstrap.missing_weights(self._settings)

    def embedders(self) -> "Embedders":
        """Return the embedders of this machine, for a vault that is thrown away."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database

        return bootstrap.embedders(self._settings)

    def install_weights(self) -> Path:
        """Fetch the published embedding weights and return where they are now."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database

        return bootstrap.install_weights()

    def verify_backup(self, file: Path, secret: "Secret") -> "Verdict":
        """Check a backup that the vault here need not know."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database
        from mnemosyne.kit.vault.home import VaultHome  # noqa: PLC0415
        from mnemosyne.safekeeping.verify import Verification  # noqa: PLC0415

        home = VaultHome(self.home)
        return Verification(bootstrap.PROVIDERS, home).verify(file, secret)

    def restore(self, file: Path, secret: "Secret", choices: "RestoreChoices") -> "Restored":
        """Put the vault of a backup in the place of the one here."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database
        from mnemosyne.kit.vault.home import VaultHome  # noqa: PLC0415
        from mnemosyne.safekeeping.restore import Restoration  # noqa: PLC0415

        home = VaultHome(self.home)
        return Restoration(home, bootstrap.PROVIDERS, self._clock).restore(file, secret, choices)

    def serve_resolver(
        self, application: "Application | None", *, port: int, origins: Sequence[str]
    ) -> "AbstractAsyncContextManager[Served]":
        """Serve the DIDs of an open vault on this machine, the examples where there is none."""
        from mnemosyne.entrypoints import resolving  # noqa: PLC0415 - brings a web server

        return resolving.resolver(application, self._clock, port, origins)

    def serve_choices(self) -> ServeChoices:
        """Return where the settings say that a node is served."""
        own = self._settings
        return ServeChoices(own.host, own.port, own.public_url)

    def check_serve(self, choices: ServeChoices) -> None:
        """Refuse what cannot be served so, before a vault is opened."""
        from mnemosyne.entrypoints import serving  # noqa: PLC0415 - brings a web server

        serving.checked(choices)

    def serve(
        self, application: "Application", choices: ServeChoices
    ) -> "AbstractAsyncContextManager[ServedNode]":
        """Serve an open vault: its pages, its API and its DIDs."""
        from mnemosyne.entrypoints import serving  # noqa: PLC0415 - brings a web server

        return serving.serving_node(application, choices, self._settings.requests_a_minute)

    async def stopped(self) -> None:
        """Wait until the person, or the system, ends what runs."""
        from mnemosyne.entrypoints import resolving  # noqa: PLC0415 - brings a web server

        await resolving.stopped()

    def migrate(
        self, secret: "Secret", folder: Path | None, told: Callable[[str], None]
    ) -> "Migrated":
        """Bring the vault to the tables of this version, after a backup in ``folder``."""
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database
        from mnemosyne.kit.vault.home import VaultHome  # noqa: PLC0415
        from mnemosyne.safekeeping.migrating import Migration  # noqa: PLC0415

        migration = Migration(VaultHome(self.home), bootstrap.PROVIDERS, self._clock)
        return migration.migrate(secret, folder, told)

    def ways_in(self, secrets: "Sequence[Secret]") -> "WaysIn":
        """Return which ways in a rekey with these secrets would keep, and which it would close."""
        return self._rekeying().ways_in(secrets)

    def rekey(self, secrets: "Sequence[Secret]", told: Callable[[str], None]) -> "Rekeyed":
        """Give the vault a new key that each of ``secrets`` opens, and nothing else."""
        return self._rekeying().rekey(secrets, told)

    def _rekeying(self) -> "Rekeying":
        from mnemosyne import bootstrap  # noqa: PLC0415 - brings the database
        from mnemosyne.kit.vault.home import VaultHome  # noqa: PLC0415
        from mnemosyne.safekeeping.rekeying import Rekeying  # noqa: PLC0415

        home = VaultHome(self.home)
        return Rekeying(home, bootstrap.PROVIDERS, self._clock, self._argon2)

    def _key_file_rules(self) -> "KeyFileRules":
        from mnemosyne.kit.vault.key_file import KeyFileRules  # noqa: PLC0415 - seldom needed

        return KeyFileRules(self._settings.home)

    @cached_property
    def _settings(self) -> "Settings":
        from mnemosyne.settings import load_settings  # noqa: PLC0415 - read when first asked for

        return load_settings()


def main() -> None:
    """Run one command and end the process with its exit code."""
    switch_core_dumps_off()  # before anybody types a secret
    # A hundred thousand objects are made while modules load, and stay. Looking among them for
    # rubbish every 700 objects, and taking them apart one by one at the end, is a third of the
    # time of a search from a cold shell.
    gc.set_threshold(_YOUNG_OBJECTS, 10, 10)
    # A name or a path may hold what the terminal's encoding has not.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        with complete_output():  # of the help too
            build(LocalNode())(prog_name=NAME)
    except OutputStreamError as error:
        tell(error, as_json=False)
        sys.exit(exit_code_of(error.code))
    except BrokenPipeError:
        sys.exit(ExitCode.BROKEN_PIPE)
    finally:
        gc.freeze()


def _shown(value: object) -> str:
    return "" if value is None else str(value)
