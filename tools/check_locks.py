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
    lines = (root / "requirements" / "weights.in").read_text("utf-8").splitlines()
    return frozenset(
        canonicalize_name(Requirement(line).name)
        for line in lines
        if line and not line.startswith("#")
    )


def subset_problems(runtime: Lock, dev: Lock) -> Iterator[str]:
    """Yield each pin of ``runtime`` that ``dev`` does not repeat exactly."""
    for name, pin in runtime.pins.items():
        if name not in dev.pins:
            yield f"{dev.title}: {name} is missing, and {runtime.title} pins it"
        elif dev.pins[name] != pin:
            yield f"{dev.title}: {name} differs from {runtime.title} in version, marker or hashes"


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
