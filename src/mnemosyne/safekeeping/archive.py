"""Archive everything of a person in an open format, and take an archive over into a new vault."""

import asyncio
import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final
from zipfile import LargeZipFile

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from mnemosyne.accounts import store as accounts
from mnemosyne.audit import store as audit
from mnemosyne.audit.model import Act
from mnemosyne.events import change_log, outbox
from mnemosyne.kit.clock import Clock
from mnemosyne.kit.database import Database
from mnemosyne.kit.derived_data import DerivedData, Kept, OwnedTable, checksum, load
from mnemosyne.kit.ids import Identifier
from mnemosyne.kit.principal import Principal, Scope
from mnemosyne.kit.vault.passphrase import (
    Argon2Parameters,
    Passphrase,
    calibrate,
    check_strength,
)
from mnemosyne.memories.importing.errors import DamagedArchiveError, UnsafeArchiveError
from mnemosyne.memories.store import reading, writing
from mnemosyne.safekeeping import archive_reading, snapshot
from mnemosyne.safekeeping.archive_errors import (
    ArchiveContentError,
    ArchiveNotWrittenError,
    VaultNotEmptyError,
)
from mnemosyne.safekeeping.archive_reading import ArchiveVerdict, OpenArchive
from mnemosyne.safekeeping.archive_writing import (
    Archiving,
    archived_tables,
    sealing,
    write_archive,
)
from mnemosyne.safekeeping.backup import OpenVault
from mnemosyne.safekeeping.destination import write_whole
from mnemosyne.safekeeping.manifest import TableState
from mnemosyne.safekeeping.temporary import temporary_folder

_AT_ONCE: Final = 500
