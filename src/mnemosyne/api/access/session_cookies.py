"""The cookies of a browser: its session, and the few minutes in which it signs in."""

import re
import secrets
from typing import Any, Final

from fastapi import Request, Response

from mnemosyne.accounts.challenges import LIFETIME
from mnemosyne.accounts.credentials import NewSession
from mnemosyne.accounts.sessions import LIFETIMES
from mnemosyne.http.guard import SESSION_COOKIE

SIGNING_IN: Final = "__Host-mnemosyne-signing-in"
"""Binds a challenge to the browser that asked for it; says nothing of anybody."""
_RANDOM: Final = re.compile(r"[A-Za-z0-9_-]{43}")
# Any page of this machine may try to read or send it, and none can: Secure and __Host- hold on
# http://*.localhost as well.
_KEPT_SAFE: Final[dict[str, Any]] = {
    "path": "/",
    "secure": True,
    "httponly": True,
    "samesite": "strict",
}
BINDS_BROWSER: Final = {
    "Set-Cookie": {"schema": {"type": "string"}, "description": "Binds the challenge to it."}
}
SETS_COOKIE: Final = {
    "Set-Cookie": {"schema": {"type": "string"}, "description": "The session of this browser."}
}


def sign_in(response: Response, begun: NewSession) -> None:
    """Let a browser keep its session; what bound its challenge is over."""
    lifetime = LIFETIMES[begun.admitted.kind]
    seconds = int(lifetime.total_seconds())
    response.set_cookie(SESSION_COOKIE, begun.secret, max_age=seconds, **_KEPT_SAFE)
    response.delete_cookie(SIGNING_IN, **_KEPT_SAFE)


def sign_out(response: Response) -> None:
    """Let a browser forget its session."""
    response.delete_cookie(SESSION_COOKIE, **_KEPT_SAFE)


def session_of(request: Request) -> str:
    """Return the secret of the session that a browser has, whatever it is worth."""
    return request.cookies.get(SESSION_COOKIE, "")


def browser_of(request: Request) -> str:
    """Return the random text of a browser that signs in, or an empty one that binds nothing."""
    stated = request.cookies.get(SIGNING_IN, "")
    return stated if _RANDOM.fullmatch(stated) else ""


def ensure_browser(request: Request, response: Response) -> str:
    """Return the random text of a browser; two tabs of it share one."""
    browser = browser_of(request) or secrets.token_urlsafe(32)
    seconds = int(LIFETIME.total_seconds())
    response.set_cookie(SIGNING_IN, browser, max_age=seconds, **_KEPT_SAFE)
    return browser


def device_of(request: Request) -> str:
    """Return what a browser calls itself, for the list of sessions."""
    return request.headers.get("user-agent", "")
