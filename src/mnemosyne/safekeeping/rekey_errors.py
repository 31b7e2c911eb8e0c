"""Why the vault was not given a new key; it is as it was."""

from pathlib import Path

from mnemosyne.kit.errors import MnemosyneError


class PhraseNeededError(MnemosyneError):
    """The recovery phrase was not given, and a rekey would close it."""

    code = "phrase-needed"

    def __init__(self) -> None:
        super().__init__(
            "the vault gets no new key without its recovery phrase",
            why="A new key has to be wrapped for the phrase as well, or nothing on paper would "
            "open the vault any more.",
            hint="Type the phrase. If it is lost, make a new one first: "
            "`mnemosyne key phrase replace`.",
        )


class RekeyNotWrittenError(MnemosyneError):
    """The system refused to write; the vault is as it was."""

    code = "rekey-not-written"

    def __init__(self, home: Path, detail: str) -> None:
        super().__init__(
            f"the vault in {home} was not given a new key",
            why=f"The system says: {detail}. The vault is as it was, under the key it had.",
            hint="A rekey needs room for the whole vault twice more; free some and repeat it.",
        )
        self.home = home
        self.detail = detail
