"""What no file of this repository may contain, and how long it may grow."""

import re

from tests.house.tree import ROOT, text_files
from tests.requirements import requirement

MACHINE_PATH = re.compile(r"(?<![\w.~])/(?:work|farm|root|home/\w+|Users/\w+|tmp/\w+_jobs)/")
PACKAGE_INDEX = re.compile(
    r"--(?:extra-)?index-url\b"
    r"|\"resolved\":\s*\"http"
    r"|(?:https?|file)://[^\s\"']*/simple\b"
)
LONGEST_SOURCE = 400


def places(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@requirement("house.clean-text")
def test_no_file_names_a_path_of_somebodys_machine() -> None:
    assert places(MACHINE_PATH) == []


@requirement("house.clean-text")
def test_no_file_names_a_package_index() -> None:
    assert places(PACKAGE_INDEX) == []


def test_the_patterns_find_what_they_look_for() -> None:
    # Put together here, so that this file holds neither.
    home, index = "home", "index"

    assert MACHINE_PATH.search(f"see /{home}/ada/notes")
    assert PACKAGE_INDEX.search(f"pip install --{index}-url x")
    assert PACKAGE_INDEX.search(f"{'https'}://packages.example/simple/")


def test_no_source_file_has_outgrown_one_idea() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(text.splitlines())
        for path, text in text_files()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "src")
    }

    assert {path: n for path, n in lengths.items() if n > LONGEST_SOURCE} == {}
