"""Personal access tokens: what a script is given instead of your passkey."""

from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field
from pydantic.config import JsonDict

from mnemosyne.accounts.access_tokens import Token
from mnemosyne.accounts.tokens import GRANTABLE, LONGEST, LONGEST_NAME, USUAL
from mnemosyne.api.operations import Caller, Node, Operations
from mnemosyne.api.schemas import Document, Id, Moment, Request
from mnemosyne.api.storage import READING, WRITING
from mnemosyne.http.admission import needs
from mnemosyne.kit.principal import Scope

tokens = Operations("tokens")
_GRANTABLE: Final[JsonDict] = {"enum": [str(each) for each in sorted(GRANTABLE)]}


class TokenRequest(Request):
    """What a new token should be for."""

    name: str = Field(
        min_length=1, max_length=4 * LONGEST_NAME, examples=["nightly import on the laptop"]
    )
    scopes: list[Annotated[Scope, Field(strict=False, json_schema_extra=_GRANTABLE)]] = Field(
        min_length=1,
        max_length=len(Scope),
        description=f"Of these: {', '.join(sorted(GRANTABLE))}.",
        examples=[[Scope.MEMORY_READ]],
    )
    days: int = Field(
        default=USUAL.days, ge=1, le=LONGEST.days, description="After how many days it expires."
    )


class TokenDocument(Document):
    """A token; its secret was shown once and is kept nowhere."""

    id: Id
    name: str
    scopes: list[Scope]
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None = Field(description="To within five minutes.")


class NewTokenDocument(TokenDocument):
    """A token that was just made."""

    secret: str = Field(
        description="Shown now and never again. Send it as `Authorization: Bearer …`.",
        pattern=r"^mnem_[A-Za-z0-9_-]{48}$",
    )


class TokenPage(Document):
    """Your tokens, the newest first, expired ones too."""

    items: list[TokenDocument]
    next: str | None = None


@tokens.get("/v1/tokens", admits=needs(Scope.ACCOUNT_MANAGE), refuses=READING)
async def list_tokens(caller: Caller, node: Node) -> TokenPage:
    """List your tokens."""
    return TokenPage(items=[_document(each) for each in await node.tokens.all(caller)])


@tokens.post(
    "/v1/tokens",
    admits=needs(Scope.ACCOUNT_MANAGE, step_up=True),
    status=201,
    refuses=("token-name", "token-scopes", "token-expiry", "needs-secret", *WRITING),
)
async def create_token(request: TokenRequest, caller: Caller, node: Node) -> NewTokenDocument:
    """Make a token for a script."""
    lifetime = timedelta(days=request.days)
    token, secret = await node.tokens.create(caller, request.name, request.scopes, lifetime)
    return NewTokenDocument(**_document(token).model_dump(), secret=secret)


@tokens.delete(
    "/v1/tokens/{token}",
    admits=needs(Scope.ACCOUNT_MANAGE),
    status=204,
    refuses=("token-not-found", *WRITING),
)
async def revoke_token(token: str, caller: Caller, node: Node) -> None:
    """Let a token be good for nothing from now on."""
    await node.tokens.revoke(caller, token)


def _document(token: Token) -> TokenDocument:
    return TokenDocument(
        id=token.id,
        name=token.name,
        scopes=sorted(token.scopes),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
    )
