"""What the machine gives: the embedder, the keyring of the login, and the zone of its clock."""

from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal import get_localzone

from mnemosyne.adapters.embedders.errors import WeightsMissingError
from mnemosyne.adapters.embedders.local import LocalEmbedders
from mnemosyne.adapters.embedders.minilm import Precision
from mnemosyne.adapters.embedders.weights import require_weights
from mnemosyne.adapters.keyrings.of_the_system import KeyringOfTheSystem
from mnemosyne.kit.vault.system_keyring import SystemKeyring
from mnemosyne.memories.ports import EmbedderIdentity
from mnemosyne.settings import Settings, SettingsError


def missing_weights(settings: Settings) -> str:
    """Return why there is no embedder, or an empty text where there is one."""
    try:
        require_weights(settings.weights)
    except WeightsMissingError as error:
        return f"{error}. {error.why}".strip()
    return ""


def embedders(settings: Settings, known: Sequence[EmbedderIdentity] = ()) -> LocalEmbedders:
    """Return the embedders of this machine; ``known`` are those that a vault has vectors of."""
    return LocalEmbedders(
        settings.weights,
        settings.cache,
        Precision(settings.precision),
        settings.threads,
        known,
    )


def system_keyring() -> SystemKeyring:
    """Return the keyring of whoever is logged in; asking it may refuse."""
    return KeyringOfTheSystem()


def install_weights() -> Path:
    """Fetch the published embedding weights and return where they are now.

    Raises:
        EmbedderInstallError: they could not be had.
    """
    from mnemosyne.adapters.embedders import install  # noqa: PLC0415 - runs an installer

    return install.install_weights().model


def zone_of(settings: Settings) -> tzinfo:
    """Return where the person lives.

    Raises:
        SettingsError: the zone is unknown.
    """
    if not settings.timezone:
        return get_localzone()
    try:
        return ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        why = f"“{settings.timezone}” is no time zone; Europe/Lisbon would be one."
        raise SettingsError("MNEMOSYNE_TIMEZONE", why) from error
