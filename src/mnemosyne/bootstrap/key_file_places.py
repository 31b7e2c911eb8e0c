"""Whether the key file of the settings lies where it protects something."""

from mnemosyne.kit.database import Database
from mnemosyne.kit.vault.home import VaultHome
from mnemosyne.kit.vault.key_file import KeyFileRules
from mnemosyne.kit.vault.key_file_errors import KeyFilePlaceError
from mnemosyne.safekeeping import store as safekeeping
from mnemosyne.settings import Settings


async def check_key_file(settings: Settings, database: Database, home: VaultHome) -> None:
    """Refuse the key file in use where the backups lie, which only the open vault can say.

    Raises:
        KeyFilePlaceError: it lies in the folder of a backup.
    """
    if settings.key_file is None:
        return
    known = await database.read(safekeeping.known)
    folders = tuple({each.destination for each in known})
    KeyFileRules(home.path, folders).check_place(settings.key_file)


def key_file_problem(settings: Settings, home: VaultHome) -> str:
    """Return what is wrong with where the key file lies, or an empty text."""
    if settings.key_file is None:
        return ""
    try:
        KeyFileRules(home.path).check_place(settings.key_file)
    except KeyFilePlaceError as error:
        return f"{error}: {error.why}"
    except OSError as error:
        return f"the key file {settings.key_file} cannot be reached: {error.strerror or error}"
    return ""
