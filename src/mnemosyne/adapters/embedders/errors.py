"""What can go wrong with a local embedder, in words a person can act on."""

from pathlib import Path

from mnemosyne.kit.errors import MnemosyneError


class WeightsMissingError(MnemosyneError):
    """There are no weights, so search by meaning is off; words work as before."""

    code = "weights-missing"

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__(
            f"there are no embedding weights in {folder}"
            if folder
            else "the embedding weights are not installed",
            why="Search by meaning needs them; search by words works without.",
            hint="Put model.safetensors and tokenizer.json there."
            if folder
            else "Install them: `mnemosyne embedder install`.",
        )
        self.folder = folder


class WeightsAlteredError(MnemosyneError):
    """A file of the weights is not the published one."""

    code = "weights-altered"

    def __init__(self, file: Path, expected: str, found: str) -> None:
        super().__init__(
            f"{file.name} is not the published file, so it is not used",
            why=f"Its SHA-256 begins {found[:12]} and should begin {expected[:12]}.",
            hint="Install the weights again: `mnemosyne embedder install`.",
        )
        self.file = file
        self.expected = expected
        self.found = found


class WeightsUnsuitableError(MnemosyneError):
    """A folder holds weights that this node cannot run."""

    code = "weights-unsuitable"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"the weights in {folder} cannot be used: {reason}",
            why="The node runs BERT encoders with mean pooling, such as all-MiniLM-L6-v2.",
            hint="Point the setting at another folder, or remove it to use the installed weights.",
        )
        self.folder = folder
        self.reason = reason


class GraphChangedError(MnemosyneError):
    """The same weights now build another graph: a new embedder, whose vectors are its own."""

    code = "graph-changed"

    def __init__(self, expected: str, built: str) -> None:
        super().__init__(
            "the embedder of this vault cannot be built again as it was",
            why=f"Its graph began {expected[:12]}; built now it begins {built[:12]}.",
            hint="Embed every memory again: `mnemosyne reindex`.",
        )
        self.expected = expected
        self.built = built


class GraphCacheError(MnemosyneError):
    """The built graph cannot be kept, and without it nothing can be embedded."""

    code = "graph-cache"

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"the embedder cannot be kept in {folder}",
            why=f"{reason}.",
            hint="Make room there, or let MNEMOSYNE_CACHE name a folder that can be written to.",
        )
        self.folder = folder
        self.reason = reason


class EmbedderInstallError(MnemosyneError):
    """The weights could not be installed."""

    code = "embedder-install-failed"

    def __init__(self, reason: str, *, hint: str) -> None:
        super().__init__("the embedding weights could not be installed", why=reason, hint=hint)
        self.reason = reason
