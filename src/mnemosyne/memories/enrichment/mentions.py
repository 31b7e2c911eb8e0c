"""Recognise known names in a text, and suggest unknown ones that look like people.

A text is read once, word by word; how many names are known hardly matters. Words are compared
without case and in composed form. Scripts that put no space between words are searched for the
name itself.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mnemosyne.memories.enrichment.name_words import (
    COMMON,
    DATED,
    PARTICLES,
    QUESTION,
    SAYING,
    TIMES,
)

# Python's \w leaves out the signs that these scripts write their vowels with.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670"
    "\u0900-\u0963\u0966-\u0dff\u0f71-\u0f84\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff"
)
WORD = re.compile(rf"\w[\w{_MARKS}]*")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_KATAKANA = re.compile("[\u30a0-\u30ff\uff66-\uff9f]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_POSSESSIVE = re.compile(r"['’]s?(?!\w)|(?=\b)")
_INSIDE_NAME = re.compile(r"[ \t\n\u00a0]{1,3}|[-\u2010'’]|\.[ \u00a0]?")
_SENTENCE_START = re.compile(r"[.!?…:;\n\"“”„«»()\[\]*#>•]|[-–—]\s")
_LONGEST_ABBREVIATION = 4


@dataclass(frozen=True, slots=True)
class Mention:
    """A contact, called ``name``, named in ``text[start:end]``, a possessive ending included."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    form: str
    capital: bool


class Names:
    """The names of a person's people, ready to be looked for; safe to share between threads."""

    def __init__(
        self,
        spaced: Mapping[tuple[str, ...], Sequence[tuple[tuple[str, ...], str]]],
        unspaced: Mapping[str, Sequence[tuple[str, str]]],
    ) -> None:
        self._spaced = spaced
        self._first = frozenset(beginning[0] for beginning in spaced)
        self._unspaced = unspaced
        starts = "".join(re.escape(first) for first in unspaced)
        self._unspaced_start = re.compile(f"[{starts}]") if unspaced else None

    @classmethod
    def of(cls, names: Mapping[str, Sequence[str]]) -> "Names":
        """Index ``names``: what each contact is called, from its main name to all of its names."""
        # By the first two words: a thousand names may begin with the same one.
        spaced: dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] = {}
        unspaced: dict[str, list[tuple[str, str]]] = {}
        for contact, called in names.items():
            for name in dict.fromkeys((contact, *called)):
                forms = tuple(_form(m[0]) for m in WORD.finditer(name))
                if forms and not _UNSPACED.search(name):
                    spaced.setdefault(forms[:2], []).append((forms, contact))
                elif name.strip():
                    unspaced.setdefault(name.strip()[0], []).append((name.strip(), contact))
        for forms_first in spaced.values():
            forms_first.sort(key=lambda entry: len(entry[0]), reverse=True)
        for name_first in unspaced.values():
            name_first.sort(key=lambda entry: len(entry[0]), reverse=True)
        return cls(spaced, unspaced)

    def find(self, text: str) -> tuple[Mention, ...]:
        """Return who is named in ``text``, in order, the longest name at each place."""
        found = [*self._in_words(text), *self._in_scripts_without_spaces(text)]
        found.sort(key=lambda mention: (mention.start, -mention.end))
        kept: list[Mention] = []
        for mention in found:
            if not kept or mention.start >= kept[-1].end:
                kept.append(mention)
        return tuple(kept)

    def _in_words(self, text: str) -> Iterator[Mention]:
        if not self._spaced or not self._may_be_in(text):
            return
        words = [
            _Word(m.start(), m.end(), _form(m[0]), _capital(m[0])) for m in WORD.finditer(text)
        ]
        for index, word in enumerate(words):
            for form in _possible(text, word):
                mention = self._at(text, words, index, form)
                if mention is not None:
                    yield mention
                    break

    def _may_be_in(self, text: str) -> bool:
        """Tell quickly of most texts that no word of theirs begins a name."""
        for word in WORD.findall(text):
            form = _form(word)
            # Without its last letter for a plural’s s, and Korean particles are looked at later.
            if form in self._first or form[:-1] in self._first or _HANGUL.match(form):
                return True
        return False

    def _at(self, text: str, words: list[_Word], index: int, form: str) -> Mention | None:
        for forms, contact in self._beginning(text, words, index, form):
            last = index + len(forms) - 1
            if len(forms) > 1 and not _follow(text, words, index, forms):
                continue
            if len(forms) == 1 and form in COMMON and not _is_name(text, words, index):
                continue
            return Mention(words[index].start, _end(text, words[last]), contact)
        return None

    def _beginning(
        self, text: str, words: list[_Word], index: int, form: str
    ) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield the names that may be meant by ``form`` and the word after it, the longer first."""
        if form not in self._first:
            return
        if index + 1 < len(words):
            for second in _possible(text, words[index + 1]):
                yield from self._spaced.get((form, second), ())
        yield from self._spaced.get((form,), ())

    def _in_scripts_without_spaces(self, text: str) -> Iterator[Mention]:
        if self._unspaced_start is None:
            return
        for start in self._unspaced_start.finditer(text):
            for name, contact in self._unspaced[start[0]]:
                end = start.start() + len(name)
                if text.startswith(name, start.start()) and _stands_alone(text, start.start(), end):
                    yield Mention(start.start(), end, contact)
                    break


def _capital(word: str) -> bool:
    """Tell whether a word is written as names are; capitals throughout say nothing."""
    return word[0].isupper() and (len(word) == 1 or not word.isupper())


def _form(word: str) -> str:
    return (word if word.isascii() else unicodedata.normalize("NFC", word)).casefold()


def _possible(text: str, word: _Word) -> Iterator[str]:
    """Yield what name a word can stand for: itself, without a plural’s s, without a particle."""
    yield word.form
    if word.form.endswith("s") and text[word.end : word.end + 1] in ("'", "’"):
        yield word.form[:-1]
    if _HANGUL.match(word.form):
        for particle in PARTICLES:
            if word.form.endswith(particle):
                yield word.form.removesuffix(particle)


def _follow(text: str, words: list[_Word], index: int, forms: tuple[str, ...]) -> bool:
    """Tell whether the words from ``index`` on are those of a name, as one name is written."""
    if index + len(forms) > len(words):
        return False
    for place, form in enumerate(forms[1:], index + 1):
        before, word = words[place - 1], words[place]
        last = place == index + len(forms) - 1
        if word.form != form and not (last and form in _possible(text, word)):
            return False
        gap = text[before.end : word.start]
        if not _INSIDE_NAME.fullmatch(gap):
            return False
        if gap.startswith(".") and len(before.form) >= _LONGEST_ABBREVIATION:
            return False  # a sentence ended
    return True


def _end(text: str, word: _Word) -> int:
    possessive = _POSSESSIVE.match(text, word.end)
    return possessive.end() if possessive else word.end


def _is_name(text: str, words: list[_Word], index: int) -> bool:
    """Tell whether a word such as “will” or “Grace” is used as a name here."""
    word = words[index]
    before = words[index - 1] if index else None
    after = words[index + 1] if index + 1 < len(words) else None
    owns = re.compile(r"['’]s(?!\w)").match(text, word.end) is not None
    asked = before is not None and before.form in QUESTION
    speaks = after is not None and after.form in SAYING
    if not word.capital:
        return asked and speaks
    if word.form in TIMES and before and (before.form in DATED or before.form.isdecimal()):
        return False  # in May, 3 June
    starts = before is None or _SENTENCE_START.search(text[before.end : word.start]) is not None
    speaker = starts and text[word.end : word.end + 1] == ":"
    return not starts or owns or speaks or speaker


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a name is not plainly a part of a longer word of its script."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if end - start == 1:
        return not (_UNSPACED.match(before) or _UNSPACED.match(after))
    torn_start = _KATAKANA.match(text[start]) and _KATAKANA.match(before)
    torn_end = _KATAKANA.match(text[end - 1]) and _KATAKANA.match(after)
    return not (torn_start or torn_end)
