"""Run the shell: ``python -m mnemosyne``."""

from mnemosyne.entrypoints.console import main

main()
