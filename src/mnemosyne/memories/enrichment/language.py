"""Recognise the language of a text, on this machine."""

import threading
from functools import cache
from typing import Any

LONGEST_READ = 4096
"""Characters that are looked at; more do not change the answer."""

_LEAST_CONFIDENCE = 0.5
"""Sentences reach it, single words and code do not: “Dinner” .12, “Hi Anna, how are you?” .64."""

_UNKNOWN = frozenset({"und", "zxx"})
_loading = threading.Lock()


def recognise(text: str) -> str:
    """Return the ISO 639 code of the language of ``text``; empty if it is too short to be sure.

    The first call loads the model, about a second; later ones take about a tenth of a millisecond.
    Safe to call from several threads.
    """
    start = text[:LONGEST_READ]
    if not any(map(str.isalpha, start)):
        return ""
    with _loading:  # two threads would load the model twice
        model = _model()
    code, confidence = model.classify(start)
    return "" if confidence < _LEAST_CONFIDENCE or code in _UNKNOWN else str(code)


@cache
def _model() -> Any:  # noqa: ANN401 - the library has no annotations
    from py3langid import langid  # noqa: PLC0415 - loads numpy and a megabyte of weights

    # An identifier of our own: the module's shared one gives no probabilities.
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
