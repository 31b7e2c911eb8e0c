"""What holds for every command, before it does anything."""

import subprocess
import sys

# As much as the machine allows is allowed first, so that the refusal is ours.
PROGRAM = """
import resource, sys
_, most = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (most, most))
from mnemosyne.entrypoints.console import main
sys.argv = ["mnemosyne", "--version"]
try:
    main()
finally:
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
"""


def test_core_dumps_are_off_before_anybody_types_a_secret() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("mnemosyne ")
