"""Words that decide whether a word is somebody's name."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMMON = _words("""
    amber angel art august april autumn bill bob brook buck carol chance chase chip christian
    clay cliff crystal dale daisy dawn dean dick don drew eve faith felicity fern flora forest
    frank gale gene ginger glen glory grace grant guy harmony hazel heath heather holly hope
    hunter iris ivy jack jade jasmine jay jean jewel joy june justice ken lance lily linden
    mark mason may mercy merit miles myrtle nick olive opal pat patience pearl peg penny pierce
    poppy prudence rain ray reed rich rob robin rocky rod rose rosemary ruby rusty sage sandy
    sky skip sterling sue summer sunny terry tiger victor violet wade ward will willow winter
""")
"""English words that are also first names: written in lower case they are the word."""

SAYING = _words("""
    said says say told tells tell asked asks ask thinks think thought called calls call came comes
    wrote writes write gave gives showed laughed smiled replied answered promised suggested
    invited texted phoned rang emailed agreed wants wanted mentioned mention explained
""")
"""Verbs whose subject is a person."""

TOWARDS = _words("""
    with told asked met visited called phoned texted emailed thanked hugged married helped
    invited introduced missed see saw ask tell meet visit call thank
""")
"""Words whose object is often a person."""

TIMES = _words("april august autumn june may summer winter")
"""Names that are also times, and what makes them one."""

DATED = _words("""
    in last next this since during of until till early late mid every before after the around
    between
""")

GREETING = _words("hey hi hello dear thanks bye morning congrats wow yeah sure")
"""Words before someone who is spoken to."""

QUESTION = frozenset({"did", "does", "had", "has"})

PLACED = _words("in at to from near around through across via into outside towards of")
"""Words before a place more often than before a person."""

NO_NAMES = _words("""
    i i'm i'll i've i'd monday tuesday wednesday thursday friday saturday sunday january february
    march april may june july august september october november december christmas easter
    halloween english german french spanish italian american british european chinese japanese
    russian god lord bible mr mrs ms miss dr prof sir dad mum mom mama papa grandma grandpa
    internet email ok okay tv uk us usa eu pm am python java linux windows google apple amazon
    microsoft github facebook twitter instagram whatsapp slack zoom youtube netflix covid north
    south east west street road avenue university school church hospital museum
""")
"""Capitalised words that are nobody in particular."""

PARTICLES = _words("""
    이랑 에게 한테 께서 에서 까지 부터 처럼 하고 이가 이는 은 는 이 가 을 를 의 에 와 과 도 랑 야 아
    께 님 씨 만 로
""")
"""What Korean joins to the end of a name."""
