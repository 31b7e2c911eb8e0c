"""Words that a question is made of and that say nothing about its answer."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = _words("""
    a about above after again against all am an and any are aren as at be because been before being
    below between both but by can could couldn d did didn do does doesn doing don down during each
    either else ever few for from further had hadn has hasn have haven having he her here hers
    herself him himself his how i if in into is isn it its itself just let ll m me might mightn more
    most must mustn my myself no nor not now o of off on once only or other our ours ourselves out
    over own re s same shall she should shouldn so some such t than that the their theirs them
    themselves then there these they this those through to too under until up ve very was wasn we
    were weren what when where which while who whom whose why will with won would wouldn you your
    yours yourself yourselves
""")
"""English, with what an apostrophe leaves over (“didn’t” is looked up as “didn” and “t”).

In other languages rarity alone decides: what every memory says weighs next to nothing.
"""
