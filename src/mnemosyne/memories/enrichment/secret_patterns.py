"""What secrets look like: known keys and tokens, and assignments of passwords.

Patterns alone. Guessing by entropy flags ordinary sentences, all 600 of 600 when it was measured,
and so does the keyword plugin of the same library ("the secret: patience").
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache


@dataclass(frozen=True, slots=True)
class SecretPattern:
    """A known form: ``needs`` are strings one of which every match holds, to skip most texts."""

    kind: str
    pattern: re.Pattern[str]
    needs: tuple[str, ...] = ()


# Module and class of each plugin, with strings that tell at once that it cannot match. Left out:
# entropy, keyword, and public addresses, which are no secret.
_PLUGINS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("artifactory", "ArtifactoryDetector"): ("AKC", "AP"),
    ("aws", "AWSKeyDetector"): ("A3T", "ABIA", "ACCA", "AKIA", "ASIA", "aws"),
    ("azure_storage_key", "AzureStorageKeyDetector"): ("AccountKey=",),
    ("basic_auth", "BasicAuthDetector"): ("://",),
    ("cloudant", "CloudantDetector"): ("cl", "CL", "Cl"),
    ("discord", "DiscordBotTokenDetector"): (".",),
    ("github_token", "GitHubTokenDetector"): ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    ("gitlab_token", "GitLabTokenDetector"): ("gl", "GR1348941"),
    ("jwt", "JwtTokenDetector"): ("eyJ",),
    ("mailchimp", "MailchimpDetector"): ("-us",),
    ("npm", "NpmDetector"): (":_authToken",),
    ("openai", "OpenAIDetector"): ("T3BlbkFJ",),
    ("pypi_token", "PypiTokenDetector"): ("pypi-Ag",),
    ("sendgrid", "SendGridDetector"): ("SG.",),
    ("slack", "SlackDetector"): ("xox", "hooks.slack.com"),
    ("square_oauth", "SquareOAuthDetector"): ("sq0csp-",),
    ("stripe", "StripeDetector"): ("k_live_",),
    ("telegram_token", "TelegramBotTokenDetector"): (":",),
    ("twilio", "TwilioKeyDetector"): ("AC", "SK"),
}

# Patterns that look at all that follows from each place where they could begin, and the same in
# linear time: of a run of characters only the first place is tried, for where that fails every
# later one does. A megabyte of half-finished tokens took a minute and more.
LINEAR: Mapping[str, str] = {
    r"eyJ[A-Za-z0-9-_=]+\.[A-Za-z0-9-_=]+\.?[A-Za-z0-9-_.+/=]*?": (
        r"(?<![A-Za-z0-9_=-])(?>[A-Za-z0-9_=-]*?(?=eyJ))"
        r"(eyJ[A-Za-z0-9_=-]++\.[A-Za-z0-9_=-]++\.?)"
    ),
    r"sk-[A-Za-z0-9-_]*[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}": (
        r"(?<![A-Za-z0-9_-])(?>[A-Za-z0-9_-]*?(?=sk-))"
        r"(sk-[A-Za-z0-9_-]*[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})"
    ),
    r"\/\/.+\/:_authToken=\s*((npm_.+)|([A-Fa-f0-9-]{36})).*": (
        r"^(?>.*?//).+/:_authToken=\s*((npm_.+)|([A-Fa-f0-9-]{36})).*"
    ),
    r"aws.{0,20}?(?:key|pwd|pw|password|pass|token).{0,20}?[\'\"]([0-9a-zA-Z/+]{40})[\'\"]": (
        r"aws(?=.{0,48}['\"][0-9a-zA-Z/+]{40}['\"])"
        r".{0,20}?(?:key|pwd|pw|password|pass|token).{0,20}?['\"]([0-9a-zA-Z/+]{40})['\"]"
    ),
}

_NEWER = (
    ("Google API Key", r"AIza[0-9A-Za-z_-]{35}", "AIza"),
    ("OpenAI Token", r"sk-(?:proj|svcacct|admin)-[0-9A-Za-z_-]{20,200}", "sk-"),
    ("Anthropic Token", r"sk-ant-[0-9A-Za-z_-]{20,200}", "sk-ant-"),
    ("GitHub Token", r"github_pat_[0-9A-Za-z_]{22,100}", "github_pat_"),
    ("Hugging Face Token", r"(?<!\w)hf_[0-9A-Za-z]{30,60}", "hf_"),
    ("Age Secret Key", r"AGE-SECRET-KEY-1[0-9A-Z]{40,80}", "AGE-SECRET-KEY-"),
    ("Bearer Token", r"[Bb]earer\s{1,3}[0-9A-Za-z_.~+/-]{20,400}=*", "earer"),
)

PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"|PuTTY-User-Key-File-[23]:"
)
PRIVATE_KEY_END = re.compile(
    r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|Private-MAC: ?[0-9a-f]{0,64}"
)

_SIGN = r"[\"']?[ \t]{0,3}(?::=|=>|={1,3}|:)[ \t]{0,3}"
_PHRASE_KEY = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|passwort|kennwort|mot de passe|contrase[nñ]a"
    r"|senha|wachtwoord)"
)
_CODE_KEY = (
    r"(?:(?:api|auth|access|secret|private|client|account|service|encryption|signing|db)"
    r"[ _-]?(?:key|token|secret|pass(?:word)?)(?:[ _-]?(?:key|id))?)"
)
# Where a value ends. Quoted values may hold spaces.
_VALUE = (
    r"(?:\"(?P<double>[^\"\n]{4,200})\"|'(?P<single>[^'\n]{4,200})'|(?P<bare>[^\s\"'`]{4,200}))"
)

ASSIGNMENTS: Mapping[str, re.Pattern[str]] = {
    "Password": re.compile(
        rf"(?<![^\W_]){_PHRASE_KEY}(?:_\w{{1,20}})?"
        rf"(?P<sign>{_SIGN}|[ \t]{{1,3}}(?:is|was|ist|lautet|est|es)[ \t]{{1,3}}:?[ \t]?){_VALUE}",
        re.IGNORECASE,
    ),
    "API Key": re.compile(rf"(?<![^\W_]){_CODE_KEY}(?P<sign>{_SIGN}){_VALUE}", re.IGNORECASE),
    "Token": re.compile(
        rf"(?<![^\W_])(?:token|secret)(?P<sign>[\"']?[ \t]{{0,3}}={{1,3}}[ \t]{{0,3}}){_VALUE}",
        re.IGNORECASE,
    ),
    "PIN": re.compile(
        r"(?<!\w)pin(?:[ -]?code)?(?P<sign>[ \t]{0,3}[:=][ \t]{0,3}|[ \t]{1,3}(?:is|ist)[ \t]{1,3})"
        r"(?P<bare>\d{4,8})(?![.,:/-]*[\w%])",
        re.IGNORECASE,
    ),
}

# One of these, in folded case, is in every text that the pattern fits: looking for them takes a
# tenth of the time. Case is ignored between i and the dotless or dotted Turkish i as well.
_ASSIGNMENT_NEEDS: Mapping[str, tuple[str, ...]] = {
    "Password": ("pass", "pwd", "kennwort", "mot de", "contrase", "senha", "wachtwoord"),
    "API Key": ("key", "token", "secret", "pass"),
    "Token": ("token", "secret"),
    "PIN": ("pin", "p\u0131n", "pi\u0307n"),
}


def possible_assignments(text: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return those of ``ASSIGNMENTS`` that may be in ``text``, with their kinds."""
    folded = text.casefold()
    return [
        (kind, ASSIGNMENTS[kind])
        for kind, needs in _ASSIGNMENT_NEEDS.items()
        if any(need in folded for need in needs)
    ]


def possible_forms(text: str) -> list[SecretPattern]:
    """Return those of the known forms that may be in ``text``, in their order."""
    present = {need for need in _all_needs() if need in text}
    if not present:
        return []
    return [form for form in known_forms() if not present.isdisjoint(form.needs)]


@cache
def _all_needs() -> tuple[str, ...]:
    return tuple(dict.fromkeys(need for form in known_forms() for need in form.needs))


@cache
def known_forms() -> Sequence[SecretPattern]:
    """Return the patterns of keys and tokens; the first call loads the library they are from."""
    found = [
        SecretPattern(kind, re.compile(pattern), (needed,)) for kind, pattern, needed in _NEWER
    ]
    found += [replace(each, pattern=linear(each.pattern)) for each in library_patterns()]
    return tuple(found)


def library_patterns() -> Sequence[SecretPattern]:
    """Return the patterns of the library as they stand there."""
    from importlib import import_module  # noqa: PLC0415 - as below

    found = []
    for (module, name), needs in _PLUGINS.items():
        # A third of a second, since the plugins import an HTTP client to verify keys with; here
        # they are asked for their patterns and nothing else.
        plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        found += [SecretPattern(plugin.secret_type, p, needs) for p in plugin.denylist]
    return found


def linear(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """Return what finds the same as a pattern of the library, in linear time."""
    found = LINEAR.get(pattern.pattern)
    return pattern if found is None else re.compile(found, pattern.flags)
