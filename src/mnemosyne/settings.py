"""What a person can set, and the only place that reads the environment."""

import os
from pathlib import Path
from typing import Final, Literal

from platformdirs import user_cache_path, user_data_path, user_state_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from mnemosyne.kit.errors import MnemosyneError

PREFIX: Final = "MNEMOSYNE_"
_MIB: Final = 1024 * 1024


def _runtime_folder() -> Path:
    """Return the folder that the login made for sockets, or one in the state of the account."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and Path(given).is_dir():
        return Path(given) / "mnemosyne"
    return user_state_path("mnemosyne", appauthor=False) / "runtime"


class SettingsError(MnemosyneError):
    """A variable of the environment is unknown, or its value makes no sense."""

    code = "settings"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"the setting {name} cannot be used",
            why=why,
            hint="`mnemosyne settings` lists every setting with its meaning and default.",
        )
        self.name = name


class Settings(BaseSettings):
    """Every setting of the node; each is read from MNEMOSYNE_ and its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,  # NAME= before a command is how a shell takes a setting back
        extra="forbid",
        frozen=True,
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("mnemosyne", appauthor=False),
        description="The folder of the vault.",
    )
    cache: Path = Field(
        default_factory=lambda: user_cache_path("mnemosyne", appauthor=False),
        description="The folder of built models; it holds nothing of a person.",
    )
    key_file: Path | None = Field(
        default=None,
        description="A key file that opens the vault without a prompt; the key itself never "
        "stands in a variable.",
    )
    runtime: Path = Field(
        default_factory=_runtime_folder,
        description="The private folder in which `unlock --for` makes its socket.",
    )
    weights: Path | None = Field(
        default=None,
        description="A folder with model.safetensors and tokenizer.json of your own, in place of "
        "the published embedding weights.",
    )
    precision: Literal["int8", "fp32"] = Field(
        default="int8",
        description="The arithmetic of the embedder. Changing it embeds everything again.",
    )
    threads: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Threads that embed side by side; 0 takes two, or one on a single processor.",
    )
    timezone: str = Field(
        default="",
        description="Where you live, as Europe/Lisbon; empty takes the zone of the machine. It "
        "dates what says no zone of its own.",
    )
    drain_seconds: float = Field(
        default=5.0,
        ge=0,
        le=3600,
        description="How long a shell command works on waiting enrichment before it ends.",
    )
    import_limit: int = Field(
        default=4096 * _MIB,
        ge=_MIB,
        description="The most that one import reads, in bytes, uncompressed.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="The address on which `serve` listens; with the default, on that of IPv6 too.",
    )
    port: int = Field(
        default=8760, ge=0, le=65_535, description="The port of `serve`; 0 takes any that is free."
    )
    public_url: str = Field(
        default="",
        description="Under which address people reach the node, as https://node.example; empty "
        "is http://mnemosyne.localhost and the port. Passkeys belong to its host name.",
    )
    requests_a_minute: int = Field(
        default=6_000,
        ge=1,
        le=1_000_000_000,
        description="Requests that the node answers each person within a minute; scripts, "
        "strangers and what is guarded get a fixed share of it.",
    )


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        SettingsError: a variable that begins with MNEMOSYNE_ is unknown or malformed.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in os.environ:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise SettingsError(name, "There is no setting of that name.")
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        raise SettingsError(name, f"{first['msg']}.") from error
