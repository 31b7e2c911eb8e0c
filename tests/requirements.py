"""Tie a test to the row of ``docs/requirements.toml`` that it proves."""

import pytest


def requirement(*ids: str) -> pytest.MarkDecorator:
    """Mark a test as proof of the ledger rows named ``ids``."""
    return pytest.mark.requirement(*ids)
