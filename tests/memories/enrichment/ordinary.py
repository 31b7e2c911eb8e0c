"""Ordinary diary sentences, a thousand and more, put together from parts that look suspicious."""

import base64
import random
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TEMPLATES = """
Met {name} at the station at {time} and we walked home.
The invoice {id} over {amount} is paid.
Called {name} on {phone}, nobody answered.
My order number is {id}, delivery on {date}.
The commit {hash} broke the build, {name} fixed it.
Parcel {uuid} is still on its way.
Bought {number} screws and a lock for {amount}.
The password was too long to remember, said {name}.
I changed all my passwords after the talk on {date}.
The secret of a good {thing}: patience and salt.
Keys: on the hook beside the {thing}.
The key is under the {thing}, as always.
Lost my key again and found it in the {thing}.
{name} told me a secret about the {thing}.
Token of thanks for {name}: a {thing} for {amount}.
See https://example.org/{word}/{number}?page={number} about the {thing}.
Wrote to {word}@example.org about the {thing}.
The file {word}_{number}.{ext} is {number} MB.
Version {number}.{number}.{number} of the {thing} app is out.
ISBN {isbn}, the book {name} lent me.
Flight {flight} at {time}, gate {number}, seat 14C.
IBAN of the club: DE{digits}
{name}: did you see the {thing}? me: yes, at {time}.
Todo: {thing}, {thing}, call {name}.
The picture IMG_{digits}.JPG shows {name} with a {thing}.
The API returned {number} rows in {number} ms.
The wifi password is on the {thing}.
Ask {name} for the password of the {thing}.
Password reset mail came at {time}, I had not asked for one.
PIN board above the {thing}, {number} pins left.
The access code of the hotel changes every day.
Read chapter {number}: "The secret {thing}".
Router 192.168.{small}.{small}, printer 10.0.{small}.{small}.
Ratio {small}:{small}, score {small}:{small}, {name} won.
SHA of the image starts with {hash}.
He spelled it {b64} by mistake.
{word} = {number} in my spreadsheet, and the {thing} = {amount}.
AC and heating of the {thing} broke on {date}.
APFELKUCHEN WITH {name}, HURRAY!
Basic plan {amount} a month, pro plan {amount}.
The bearer of the letter was {name}.
Private: do not read before {date}!
Secret Santa: I drew {name}, limit {amount}.
"Authorization" is the word {name} could not spell.
The sketch of the {thing} took {number} minutes.
Client meeting at {time}: key topics {thing} and {thing}.
api docs are bad, the {thing} is better documented.
My account was charged {amount} twice.
Passport number noted, expires {date}.
skipped lunch, task list: {word}-{number}, {word}-{number}.
"""
_NAMES = ["Anna", "Tom", "Mira", "Jonas", "Lena", "Ben", "Sarah", "Kim", "Paul", "Ida"]
_THINGS = [
    "lamp",
    "boat",
    "cake",
    "bicycle",
    "drawer",
    "garden",
    "piano",
    "kettle",
    "sofa",
    "bread",
    "harbour",
    "pump",
    "window",
    "violin",
    "map",
]
_WORDS = [
    "north",
    "orange",
    "planter",
    "river",
    "meeting",
    "sketch",
    "basket",
    "winter",
    "ticket",
    "lemon",
]


def sentences(count: int = 1200, seed: int = 7) -> list[str]:
    """Return ``count`` sentences, none of which holds a secret, always the same."""
    chance = random.Random(seed)
    templates = _TEMPLATES.strip().splitlines()
    return [_filled(templates[index % len(templates)], chance) for index in range(count)]


def _filled(template: str, chance: random.Random) -> str:
    parts: dict[str, Callable[[], str]] = {
        "name": lambda: chance.choice(_NAMES),
        "thing": lambda: chance.choice(_THINGS),
        "word": lambda: chance.choice(_WORDS),
        "time": lambda: f"{chance.randrange(24):02}:{chance.randrange(60):02}",
        "date": lambda: f"{chance.randrange(1, 29)} May {chance.randrange(2015, 2027)}",
        "id": lambda: f"{chance.choice('ABCR')}{chance.randrange(10**9):09}-{chance.randrange(99)}",
        "amount": lambda: f"{chance.randrange(1, 2000)}.{chance.randrange(100):02} €",
        "phone": lambda: f"+49 151 {chance.randrange(10**8):08}",
        "hash": lambda: f"{chance.getrandbits(160):040x}"[: chance.choice((7, 12, 40))],
        "uuid": lambda: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "number": lambda: str(chance.randrange(1, 5000)),
        "small": lambda: str(chance.randrange(1, 250)),
        "isbn": lambda: f"978-3-{chance.randrange(10**8):08}-{chance.randrange(10)}",
        "flight": lambda: f"LH{chance.randrange(100, 9999)}",
        "digits": lambda: f"{chance.randrange(10**20):020}",
        "ext": lambda: chance.choice(("pdf", "zip", "txt")),
        "b64": lambda: base64.b64encode(chance.randbytes(24)).decode(),
    }
    text = template
    for slot, value in parts.items():
        while "{" + slot + "}" in text:
            text = text.replace("{" + slot + "}", value(), 1)
    return text
