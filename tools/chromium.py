"""Find the Chromium of this system for the browser tests; none is ever downloaded."""

import shutil
import sys
from collections.abc import Sequence
from typing import Final

NONE_FOUND: Final = 3
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PLACES: Final = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)


def find() -> str | None:
    """Return the first Chromium among the usual names and places, or None."""
    for name in (*_NAMES, *_PLACES):
        if found := shutil.which(name):
            return found
    return None


def main(arguments: Sequence[str]) -> int:
    """Print where Chromium is and return 0; say why there is none and return another number."""
    if arguments:
        chosen = shutil.which(arguments[0])
        if chosen is None:
            print(f"{arguments[0]} cannot be run.", file=sys.stderr)
            return 2
        print(chosen)
        return 0
    found = find()
    if found is None:
        print(
            "Skipped: the browser tests need a Chromium, and none was found (looked for "
            f"{', '.join(_NAMES)}). Debian and Ubuntu: sudo apt install chromium. Elsewhere: "
            "make test-browser CHROMIUM=/path/to/it",
            file=sys.stderr,
        )
        return NONE_FOUND
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
