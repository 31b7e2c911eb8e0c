"""The lock check sees each way in which a lock can be wrong."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from tests.house.tree import ROOT
from tests.requirements import requirement
from tools.check_locks import (
    Demand,
    browser_problems,
    closure_problems,
    environment_problems,
    main,
    problems_in,
    subset_problems,
)
from tools.lockfile import Lock, read_lock

HASH = "--hash=sha256:" + "0" * 64


def lock_of(folder: Path, *lines: str, title: str = "some.lock") -> Lock:
    path = folder / title
    path.write_text("\n".join(lines) + "\n")
    return read_lock(path)


def asked(*lines: str) -> list[Demand]:
    return [Demand(Requirement(line), "pyproject.toml") for line in lines]


@requirement("house.locks")
def test_the_locks_of_this_repository_are_whole() -> None:
    assert problems_in(ROOT) == []


@requirement("house.locks")
def test_a_pinned_and_hashed_line_is_read(tmp_path: Path) -> None:
    lock = lock_of(
        tmp_path, "# a comment", "Some_Name==1.2 ; python_version >= '3' \\", f"    {HASH}"
    )

    assert lock.problems == ()
    assert str(lock.pins["some-name"].version) == "1.2"
    assert lock.pins["some-name"].applies_here


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"name>=1 {HASH}", "not pinned to one version"),
        (f"name==1.* {HASH}", "not pinned to one version"),
        (f"name {HASH}", "not pinned to one version"),
        ("name==1", "without a SHA-256 hash"),
        ("name==1 --hash=md5:00", "without a SHA-256 hash"),
        (f"name @ https://example.org/name.whl {HASH}", "an address does not belong"),
        ("--find-links wheels", "an option does not belong"),
        (f"no requirement {HASH}", "not a requirement"),
    ],
)
def test_a_line_that_is_no_pin_is_found(tmp_path: Path, line: str, words: str) -> None:
    (problem,) = lock_of(tmp_path, line).problems

    assert words in problem


def test_a_second_pin_of_one_package_is_found(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, f"name==1 {HASH}", f"Name==2 {HASH}")

    assert lock.problems == ("some.lock: name is pinned twice",)


@requirement("house.locks")
def test_the_development_lock_repeats_the_runtime_lock(tmp_path: Path) -> None:
    runtime = lock_of(tmp_path, f"one==1 {HASH}", f"two==1 {HASH}", title="runtime.lock")
    dev = lock_of(tmp_path, f"one==2 {HASH}", title="dev.lock")

    assert list(subset_problems(runtime, dev)) == [
        "dev.lock: one differs from runtime.lock in version, marker or hashes",
        "dev.lock: two is missing, and runtime.lock pins it",
    ]


def test_a_dependency_that_the_lock_lacks_is_found(tmp_path: Path) -> None:
    # pytest is installed here and asks for pluggy among others.
    lock = lock_of(tmp_path, f"pytest==9 {HASH}")

    problems = list(closure_problems(lock, asked("pytest"), frozenset()))

    assert any("pytest asks for pluggy" in problem for problem in problems)


def test_a_package_locked_bare_needs_no_dependencies(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, f"pytest==9 {HASH}")

    assert list(closure_problems(lock, asked("pytest"), frozenset({"pytest"}))) == []


def test_a_pin_outside_the_asked_range_is_found(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, f"iniconfig==1 {HASH}")

    assert list(closure_problems(lock, asked("iniconfig>=2"), frozenset())) == [
        "some.lock: pyproject.toml asks for iniconfig>=2, not 1"
    ]


def test_a_pin_that_nothing_asks_for_is_found(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, f"iniconfig==2 {HASH}")

    assert list(closure_problems(lock, [], frozenset())) == [
        "some.lock: nothing asks for iniconfig"
    ]


def test_a_pin_for_another_system_need_not_be_installed(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, f"colorama==0 ; sys_platform == 'win32' {HASH}")

    assert list(environment_problems(lock)) == []


def test_an_environment_that_differs_from_the_lock_is_found(tmp_path: Path) -> None:
    lock = lock_of(tmp_path, f"pytest==0.1 {HASH}", f"mnemosyne-no-such-thing==1 {HASH}")

    different, absent = environment_problems(lock)

    assert different.endswith("is installed, not 0.1")
    assert absent.endswith("mnemosyne-no-such-thing is not installed (make setup)")


@pytest.mark.parametrize(
    ("asked_for", "locked", "problem"),
    [
        ("playwright>=1", "playwright==1", None),
        ("playwright>=1", "pytest==1", "browser.lock: playwright>=1 is missing"),
        ("pytest>=9", "pytest==0.1", "browser.lock: pytest 9.9 is installed, not 0.1"),
        ("playwright>=1", "playwright==1\npytest==2", "browser.lock: pytest is not the version of"),
    ],
)
def test_the_lock_of_the_browser_tests_is_checked_as_far_as_it_is_installed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked_for: str,
    locked: str,
    problem: str | None,
) -> None:
    def installed(name: str) -> SimpleNamespace:
        if name == "playwright":
            raise PackageNotFoundError
        return SimpleNamespace(version="9.9", requires=())

    monkeypatch.setattr("tools.check_locks.distribution", installed)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "browser.in").write_text(f"# for browsers\n{asked_for}\n")
    lines = [f"{line} {HASH}" for line in locked.splitlines()]
    lock_of(tmp_path / "requirements", *lines, title="browser.lock")
    dev = lock_of(tmp_path, *([] if asked_for == "pytest>=9" else [f"pytest==1 {HASH}"]))

    found = list(browser_problems(tmp_path, dev))

    assert [each[: len(problem or "")] for each in found] == ([problem] if problem else [])


def test_the_check_exits_with_one_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["iniconfig"]\n'
        "[dependency-groups]\ndev = []\n[build-system]\nrequires = []\n"
    )
    folder = tmp_path / "requirements"
    folder.mkdir()
    for title in ("weights.in", "browser.in", "browser.lock"):
        (folder / title).write_text("# none\n")
    for title in ("runtime.lock", "dev.lock"):
        (folder / title).write_text("iniconfig\n")

    assert main([str(tmp_path)]) == 1
    assert "without a SHA-256 hash" in capsys.readouterr().err
    assert len(problems_in(tmp_path)) == 2
