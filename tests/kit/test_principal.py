import pytest

from mnemosyne.kit.principal import MissingScopeError, Principal, Scope

ADA = "0" * 32


def test_someone_at_this_machine_may_do_everything() -> None:
    local = Principal.local(ADA)

    for scope in Scope:
        local.require(scope)
    assert (local.credential, local.channel) == ("local", "shell")


@pytest.mark.parametrize("scope", Scope)
def test_a_scope_that_was_not_granted_is_refused(scope: Scope) -> None:
    principal = Principal(ADA, frozenset(Scope) - {scope}, "token-1", "http")

    with pytest.raises(MissingScopeError) as refused:
        principal.require(scope)

    assert refused.value.code == "missing-scope"
    assert (refused.value.scope, refused.value.credential) == (scope, "token-1")
    assert str(scope) in str(refused.value)
    assert "token-1" in refused.value.why
    assert refused.value.hint
