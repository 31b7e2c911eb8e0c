"""Check the locks offline: nothing unpinned, unhashed, missing, superfluous or at odds."""

import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lockfile import Lock, Pin, read_lock


@dataclass(frozen=True, slots=True)
class Demand:
    """A requirement, and who states it."""

    requirement: Requirement
    asker: str


def demands_of_project(root: Path) -> tuple[list[Demand], list[Demand]]:
    """Return what ``pyproject.toml`` asks for at run time, and for development besides."""
    table = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))

    def demands(lines: Iterable[str]) -> list[Demand]:
        return [Demand(Requirement(line), "pyproject.toml") for line in lines]

    development = table["dependency-groups"]["dev"] + table["build-system"]["requires"]
    return demands(table["project"]["dependencies"]), demands(development)


def bare_packages(root: Path) -> frozenset[str]:
    """Return the packages that are locked without their dependencies on purpose."""
    asked = demands_in(root / "requirements" / "weights.in")
    return frozenset(canonicalize_name(each.requirement.name) for each in asked)


def demands_in(path: Path) -> list[Demand]:
    """Return what the requirements file at ``path`` asks for."""
    lines = path.read_text("utf-8").splitlines()
    return [
        Demand(Requirement(line), path.name) for line in lines if line and not line.startswith("#")
    ]


def subset_problems(runtime: Lock, dev: Lock) -> Iterator[str]:
    """Yield each pin of ``runtime`` that ``dev`` does not repeat exactly."""
    for name, pin in runtime.pins.items():
        if name not in dev.pins:
            yield f"{dev.title}: {name} is missing, and {runtime.title} pins it"
        elif dev.pins[name] != pin:
            yield f"{dev.title}: {name} differs from {runtime.title} in version, marker or hashes"


def beside_problems(extra: Lock, dev: Lock) -> Iterator[str]:
    """Yield each pin of ``extra`` that would replace what ``dev`` has installed."""
    for name, pin in extra.pins.items():
        if name in dev.pins and dev.pins[name].version != pin.version:
            yield f"{extra.title}: {name} is not the version of {dev.title}"


def browser_problems(root: Path, dev: Lock) -> Iterator[str]:
    """Yield what is wrong with the lock of the browser tests, which are installed on demand."""
    lock = read_lock(root / "requirements" / "browser.lock")
    asked = demands_in(root / "requirements" / "browser.in")
    yield from lock.problems
    yield from beside_problems(lock, dev)
    missing = [each for each in asked if canonicalize_name(each.requirement.name) not in lock.pins]
    yield from (f"{lock.title}: {each.requirement} is missing" for each in missing)
    if missing or not all(_is_installed(each.requirement.name) for each in asked):
        return  # what its packages ask for stands in their own metadata
    found = list(environment_problems(lock))
    yield from found or closure_problems(lock, asked, frozenset())


def closure_problems(lock: Lock, roots: Iterable[Demand], bare: frozenset[str]) -> Iterator[str]:
    """Follow ``roots`` through installed metadata; yield what ``lock`` lacks or has too much."""
    reached: set[str] = set(bare)
    waiting = list(roots)
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        demand = waiting.pop()
        name: str = canonicalize_name(demand.requirement.name)
        reached.add(name)
        pin = lock.pins.get(name)
        if problem := _answer_problem(lock, demand, pin):
            yield problem
        step = (name, frozenset(demand.requirement.extras))
        if pin is None or step in seen or name in bare:
            continue
        seen.add(step)
        waiting.extend(_demands_of(pin, step[1]))
    for name, pin in lock.pins.items():
        if pin.applies_here and name not in reached:
            yield f"{lock.title}: nothing asks for {name}"


def environment_problems(lock: Lock) -> Iterator[str]:
    """Yield each pin that this environment does not hold as ``lock`` says."""
    for pin in lock.pins.values():
        if not pin.applies_here:
            continue
        try:
            installed = distribution(pin.name).version
        except PackageNotFoundError:
            yield f"{lock.title}: {pin.name} is not installed (make setup)"
        else:
            if installed != str(pin.version):
                yield f"{lock.title}: {pin.name} {installed} is installed, not {pin.version}"


def problems_in(root: Path) -> list[str]:
    """Return everything wrong with the locks of the repository at ``root``, in plain words."""
    runtime = read_lock(root / "requirements" / "runtime.lock")
    dev = read_lock(root / "requirements" / "dev.lock")
    at_run_time, for_development = demands_of_project(root)
    bare = bare_packages(root)
    found = [*runtime.problems, *dev.problems, *subset_problems(runtime, dev)]
    found.extend(environment_problems(dev))
    found.extend(browser_problems(root, dev))
    if not found:  # a wrong lock or environment would only repeat itself here
        found.extend(closure_problems(runtime, at_run_time, bare))
        found.extend(closure_problems(dev, [*at_run_time, *for_development], bare))
    return found


def _answer_problem(lock: Lock, demand: Demand, pin: Pin | None) -> str | None:
    if pin is None or not pin.applies_here:
        return f"{lock.title}: {demand.asker} asks for {demand.requirement}, which is missing"
    if not demand.requirement.specifier.contains(pin.version, prereleases=True):
        return f"{lock.title}: {demand.asker} asks for {demand.requirement}, not {pin.version}"
    return None


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _demands_of(pin: Pin, extras: frozenset[str]) -> Iterator[Demand]:
    for line in distribution(pin.name).requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": each}) for each in ("", *extras)):
            yield Demand(requirement, pin.name)


def main(arguments: Sequence[str]) -> int:
    """Print what is wrong and return 1, or say that the locks hold and return 0."""
    root = Path(arguments[0]) if arguments else Path(__file__).parent.parent
    problems = problems_in(root)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("Locks: pinned, hashed and complete.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
