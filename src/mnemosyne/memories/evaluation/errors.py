"""What can be wrong with a data set."""

from pathlib import Path

from mnemosyne.kit.errors import MnemosyneError


class DataSetError(MnemosyneError):
    """A folder is no data set that can be read."""

    code = "data-set"

    def __init__(self, where: Path | str, problem: str) -> None:
        super().__init__(
            f"{where}: {problem}",
            why="A BEIR folder holds corpus.jsonl, queries.jsonl and qrels/test.tsv.",
            hint="Compare the file with the format: `docs/retrieval.md` describes it.",
        )
        self.where = str(where)


class NothingToEvaluateError(MnemosyneError):
    """No question of the chosen categories has evidence."""

    code = "nothing-to-evaluate"

    def __init__(self, categories: tuple[str, ...]) -> None:
        super().__init__(
            "no question of these categories has evidence: " + ", ".join(categories),
            hint="Name other categories with --categories; queries.jsonl says which there are.",
        )
        self.categories = categories
