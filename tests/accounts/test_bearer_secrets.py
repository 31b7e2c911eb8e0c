"""Secrets have a shape by which they are known, and everything else is none."""

import base64
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnemosyne.accounts.bearer_secrets import digest_of, new_secret
from mnemosyne.kit.crypto.digests import sha256


def test_a_secret_has_256_random_bits_behind_its_prefix_and_is_kept_as_a_hash() -> None:
    made = {new_secret("mnem_") for _ in range(50)}

    assert len(made) == 50
    for secret in made:
        assert re.fullmatch(r"mnem_[A-Za-z0-9_-]{48}", secret)
        assert digest_of(secret, "mnem_") == sha256(secret.encode())


def test_a_secret_of_another_kind_is_none() -> None:
    secret = new_secret("mnem_")

    assert digest_of(secret, "mnemenrol_") is None
    assert digest_of(secret.removeprefix("mnem_"), "mnem_") is None
    assert digest_of("mnemenrol_" + secret.removeprefix("mnem_"), "mnemenrol_") is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda secret: secret[:-1],
        lambda secret: secret + "A",
        lambda secret: secret + "=",
        lambda secret: " " + secret,
        lambda secret: secret + "\n",
        lambda secret: secret.upper(),
        lambda secret: secret[:10] + ("A" if secret[10] != "A" else "B") + secret[11:],
        lambda secret: secret[:-1] + "\u0131",
        lambda secret: secret[:-1] + "+",
        lambda _secret: "mnem_" + base64.urlsafe_b64encode(bytes(36)).decode(),
        lambda _secret: "",
    ],
)
def test_a_secret_that_was_not_copied_whole_is_none(spoil: Callable[[str], str]) -> None:
    secret = new_secret("mnem_")

    assert digest_of(spoil(secret), "mnem_") is None


@given(st.text(max_size=80))
def test_no_text_is_taken_for_a_secret_by_accident(text: str) -> None:
    assert digest_of(text, "mnem_") is None
    assert digest_of("mnem_" + text, "mnem_") is None
