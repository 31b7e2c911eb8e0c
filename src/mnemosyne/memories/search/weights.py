"""Every weight of search, in one table.

Chosen on three LoCoMo conversations (430 questions, each turn one memory), accepted only where
they hold with each conversation left out in turn; ``docs/retrieval.md`` has the ablation. They lie
on a plateau: a quarter more or less of any one changes recall at 10 by about a point at most.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordWeights:
    """How much the words in and around a memory count (BM25 over a window of the thread)."""

    reach: int = 3
    """How many memories before and after are looked at."""
    before: float = 0.5
    """What a word counts that was said right before; half of it one step further, and so on."""
    after: float = 0.25
    """The same for a word said right after."""
    fading: float = 0.5
    saturation: float = 0.6
    """BM25's k1: how soon a word said again adds nothing."""
    length: float = 0.75
    """BM25's b: how much a long text has to say a word more often."""
    longest: float = 3.0
    """A text counts as at most this many times the average length."""
    name: float = 0.5
    """What a person's name counts among the words; the speaker is weighed apart."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How the parts of a score are weighed. Words and meaning lie in [0, 1]."""

    words: float = 0.5
    meaning: float = 0.5
    covered: float = 0.5
    """How much of the question's words the best row must hold for the words to count in full. A
    question that shares but a common word or two with anything is a question of meaning."""
    neighbour: float = 0.1
    """What each neighbour in the thread lends of its words and meaning."""
    answer: float = 0.2
    """What a question hands over to its reply: lost by the one, gained by the other."""
    speaker: float = 0.3
    """For the first person named in the question; half for others."""
    time: float = 0.25
    """For what happened in a time named in the question, less with each week's distance."""
    dated: float = 0.15
    """When the question is “when”, for a text that names a date."""
    recency: float = 0.03
    importance: float = 0.03


WORD_WEIGHTS = WordWeights()
WEIGHTS = Weights()
EVALUATION_WEIGHTS = Weights(recency=0.0, importance=0.0)
"""Those of the evaluation, which asks what is found, and not what a person would like first."""
