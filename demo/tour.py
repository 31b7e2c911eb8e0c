"""The chapters of the tour, from nothing to a restored vault."""

import os
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from demo.audit import record
from demo.identity import identity
from demo.serving import serving
from demo.stage import SAMPLES, Stage, set_up


def main() -> None:
    """Play the tour in a temporary folder, which is removed at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="mnemosyne-demo-") as folder,
        set_up(Path(folder)) as stage,
    ):
        stage.say(
            "A tour of the whole main job. Everything happens in a folder that is removed at the "
            "end; the diary is fiction, written for this project."
        )
        for number, (title, chapter) in enumerate(_CHAPTERS, 1):
            stage.chapter(number, title)
            chapter(stage)


def _vault(stage: Stage) -> None:
    stage.say("A vault: one encrypted file, and two ways to open it.")
    phrase = str(stage.folder / "phrase.txt")
    key_file = os.environ["MNEMOSYNE_KEY_FILE"]
    stage.run("init", "--name", "Lotte", "--key-file", key_file, "--phrase-out", phrase)


def _import(stage: Stage) -> None:
    stage.say("First a dry run: what would come in, and nothing is written.")
    stage.run("import", str(SAMPLES / "diary"), "--dry-run")
    stage.say("Two years of a diary, and the chats with two assistants.")
    for name in ("diary", "chats", "claude"):
        stage.run("import", str(SAMPLES / name))
    stage.say("Who is Mira? Names that mean one person are told once.")
    stage.run("people", "add", "Mira", "--alias", "Miriam", "--alias", "Mim")
    stage.say("The same again changes nothing.")
    stage.run("import", str(SAMPLES / "diary"))
    stage.run("status")


def _questions(stage: Stage) -> None:
    questions = _toml("questions.toml")["question"]
    asked = [each for each in questions if each.get("demo")]
    stage.say(f"{len(asked)} questions: by words, by meaning, by name, by date, in another script.")
    for question in asked:
        stage.run("search", question["text"], "--limit", "2", "--explain")
        found = stage.ask("search", question["text"], "--limit", "10")
        sources = [hit["memory"]["source_id"] for hit in found["hits"]]
        expected = set(question["expected"])
        stage.check(
            holds=bool(expected & set(sources)),
            text=f"{question['kind']}: the answer is among the first {len(sources)}",
        )


def _time(stage: Stage) -> None:
    stage.say("What held changes; both truths are kept, each with its time.")
    first = stage.ask("capture", "The spare key hangs with Abe downstairs.", "--when", "2023-10-07")
    stage.run(
        *("supersede", first["memory"]["id"]),
        *("The spare key lies behind the gas meter.", "--since", "2025-02-09"),
    )
    for day, words in (("2024-06-01", "Abe"), ("2025-10-01", "gas meter")):
        stage.run("search", "where is the spare key", "--as-of", day, "--limit", "1")
        hits = stage.ask("search", "where is the spare key", "--as-of", day, "--limit", "5")["hits"]
        own = [each["memory"] for each in hits if not each["memory"]["source"]]
        stage.check(
            holds=[words in memory["content"] for memory in own] == [True],
            text=f"as of {day}: {words}",
        )


def _erase(stage: Stage) -> None:
    erased = _toml("planted.toml")["erased"]
    word = erased["phrase"]
    stage.say("A backup is made first, so that there is one which still holds what is erased next.")
    stage.run("backup", "make", str(stage.backups))
    found = stage.ask("search", word, "--limit", "1")["hits"][0]["memory"]
    stage.say("One page should never have been written. Erase is final, and proves itself.")
    stage.run("erase", found["id"], "--yes")
    again = stage.ask("search", word, "--limit", "20")["hits"]
    stage.check(
        holds=all(word not in hit["memory"]["content"] for hit in again),
        text=f"no search finds “{word}”",
    )
    stage.check(
        holds=not any(word.encode() in file.read_bytes() for file in _files(stage.home)),
        text="no file of the vault holds the word",
    )
    stage.say("Importing the diary again does not bring it back.")
    stage.run("import", str(SAMPLES / "diary"))
    entry = stage.ask("audit", "log")["entries"][0]
    stage.run("audit", "receipt", str(entry["entry"]))


def _restore(stage: Stage) -> None:
    word = _toml("planted.toml")["erased"]["phrase"]
    backup = next(stage.backups.glob("*.backup"))
    stage.say("The backup is older than the erase. Is it whole?")
    stage.run("verify", str(backup))
    stage.say("The machine is lost. On a new one, the backup and the 24 words are enough.")
    os.environ["MNEMOSYNE_HOME"] = str(stage.folder / "new-machine")
    del os.environ["MNEMOSYNE_KEY_FILE"]
    phrase = ("--phrase-file", str(stage.folder / "phrase.txt"))
    stage.run(*phrase, "restore", str(backup), "--yes")
    hits = stage.ask(*phrase, "search", word, "--limit", "20")["hits"]
    stage.check(
        holds=bool(hits) and all(word not in hit["memory"]["content"] for hit in hits),
        text="everything is back, and what was erased since stays erased",
    )


def _end(stage: Stage) -> None:
    stage.say("Nothing left this machine, and nothing of this tour stays on it. Where to go on:")
    for command, words in (
        ("mnemosyne init", "your own vault"),
        ("mnemosyne import FOLDER", "Markdown, Obsidian, ChatGPT, Claude, JSON lines, text"),
        ("mnemosyne serve", "pages and an API for your browser and your scripts"),
        ("mnemosyne --help", "every command, each with an example"),
        ("docs/architecture.md", "how it is built, and why"),
        ("docs/threat-model.md", "what it protects from whom, and where that ends"),
    ):
        stage.console.print(f"  [bold]{command:<26}[/] {words}")


_CHAPTERS = (
    ("A vault", _vault),
    ("Years of notes come in", _import),
    ("Find them again", _questions),
    ("What held when", _time),
    ("Let go", _erase),
    ("Who you are", identity),
    ("A node that serves", serving),
    ("Nobody rewrites the past", record),
    ("Lose the machine, keep the memory", _restore),
    ("Where to look next", _end),
)


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / name).read_text("utf-8"))


def _files(folder: Path) -> Sequence[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
