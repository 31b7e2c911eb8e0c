"""The composition root: settings become adapters, and adapters become an application."""

from mnemosyne.bootstrap.machine import (
    embedders,
    install_weights,
    missing_weights,
    system_keyring,
    zone_of,
)
from mnemosyne.bootstrap.opening import (
    create,
    database_key,
    opened,
    opened_erasure,
    opened_record,
)
from mnemosyne.bootstrap.providers import PROVIDERS

__all__ = [
    "PROVIDERS",
    "create",
    "database_key",
    "embedders",
    "install_weights",
    "missing_weights",
    "opened",
    "opened_erasure",
    "opened_record",
    "system_keyring",
    "zone_of",
]
