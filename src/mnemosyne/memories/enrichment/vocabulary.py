"""The 21 domains a memory can belong to, and every other word for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain: ``gloss`` and ``examples`` are what a text is compared with."""

    id: str
    label: str
    gloss: str
    examples: tuple[str, ...]
    aliases: tuple[str, ...] = ()


# The aliases hold every domain word of the founding texts: their five glyph words, the words of
# the drafts' extractor, and those of the drafts' glyphs.
VOCABULARY: tuple[Domain, ...] = (
    Domain(
        "technology",
        "Technology",
        "Computers, software, code, devices and networks.",
        (
            "The deploy failed because the database migration locked a table.",
            "I wrote a script that renames the files and pushed it to the repository.",
            "My laptop no longer connects to the router after the update.",
            "The website is down and the log file shows a timeout.",
            "Encrypted the hard disk and installed a new operating system.",
        ),
        ("technical", "systems", "recursion", "networks", "software", "programming", "computing"),
    ),
    Domain(
        "science",
        "Science",
        "Physics, biology, chemistry, mathematics, research and measurement.",
        (
            "Read a paper about how bacteria pass on genes to each other.",
            "The lecture on black holes made relativity clearer to me.",
            "We repeated the experiment and the measured values agreed with the theory.",
            "A theorem about prime numbers kept me awake.",
        ),
        ("analytical", "mathematics", "research", "physics", "biology", "chemistry"),
    ),
    Domain(
        "philosophy",
        "Philosophy",
        "Meaning, ethics, truth, free will and how one should live.",
        (
            "Is a promise still binding when nobody remembers it?",
            "Stoicism says that only our judgements are in our power.",
            "I keep asking what makes a life a good one.",
            "Can an action be right if its consequences are terrible?",
        ),
        ("philosophical", "logic", "ethics"),
    ),
    Domain(
        "psychology",
        "Psychology",
        "Feelings, moods, habits of mind, therapy and self-knowledge.",
        (
            "I noticed that I get anxious whenever the phone rings.",
            "My therapist asked why I find it so hard to say no.",
            "Felt low and restless all day without knowing the reason.",
            "I was angry with myself and wondered where that comes from.",
            "Fear of failing makes me freeze.",
        ),
        ("transformation", "void", "withdrawal", "void/withdrawal", "emotions", "mind"),
    ),
    Domain(
        "art",
        "Art",
        "Painting, drawing, photography, film, theatre, design and crafts.",
        (
            "Spent the afternoon sketching the old bridge in charcoal.",
            "The colours in that exhibition of watercolours stayed with me.",
            "Watched a film whose camera hardly ever moved.",
            "Carved a small figure out of lime wood.",
        ),
        ("creative", "design", "photography", "film", "crafts"),
    ),
    Domain(
        "writing",
        "Writing",
        "Writing and editing stories, poems, essays and diaries.",
        (
            "The second chapter needs a stronger opening sentence.",
            "Wrote a short poem before breakfast and crossed out half of it.",
            "Finished the first draft of my essay, a thousand words too long.",
        ),
        ("poetry", "literature", "journalling"),
    ),
    Domain(
        "music",
        "Music",
        "Playing, singing, composing and listening to music.",
        (
            "Practised the cello for an hour, the slow movement again.",
            "The choir sang in tune for the first time.",
            "Listened to the new album of my favourite band twice.",
        ),
        ("musical", "songs"),
    ),
    Domain(
        "health",
        "Health",
        "The body, illness, doctors, medicine, sleep and exercise.",
        (
            "The doctor says my blood pressure is too high.",
            "My knee hurts after running, so I will rest it for a week.",
            "Slept badly and woke up with a headache and a fever.",
            "The surgeon removed the stitches and the wound heals well.",
            "Took antibiotics for the infected ear.",
        ),
        ("medicine", "fitness", "sleep", "wellness"),
    ),
    Domain(
        "food",
        "Food",
        "Cooking, baking, recipes, eating, drinking and restaurants.",
        (
            "The bread needed ten more minutes in the oven.",
            "Cooked lentils with garlic and lemon for dinner.",
            "We tried the small Italian restaurant on the corner.",
            "The sauce lacked pepper and the cake was too dry.",
            "Peeled the apples and made jam with cinnamon.",
        ),
        ("cooking", "recipes", "drink"),
    ),
    Domain(
        "home",
        "Home",
        "The house or flat, repairs, cleaning, furniture and household.",
        (
            "The tap in the bathroom drips again and the landlord does not answer.",
            "Painted the bedroom wall and put up two shelves.",
            "Cleaned the kitchen cupboards and threw away old boxes.",
            "The plumber repaired the boiler in the cellar.",
            "Hung up the laundry and fixed the squeaking door.",
        ),
        ("household", "house", "diy"),
    ),
    Domain(
        "nature",
        "Nature",
        "Plants, animals, gardens, weather, landscape and the environment.",
        (
            "Saw a heron standing in the shallow river at dawn.",
            "The tomatoes in the garden are finally turning red.",
            "The beech leaves turned yellow after the first frost.",
        ),
        ("garden", "gardening", "animals", "environment", "weather"),
    ),
    Domain(
        "travel",
        "Travel",
        "Journeys, trains, flights, hotels and foreign cities.",
        (
            "Our flight to Lisbon was delayed for three hours.",
            "Booked the night train and a hotel near the harbour.",
            "Packed the bags for two weeks abroad; the passport is in the front pocket.",
        ),
        ("journeys", "holidays", "trips"),
    ),
    Domain(
        "family",
        "Family",
        "Parents, children, siblings, partners, grandparents and relatives.",
        (
            "My daughter lost her first tooth today.",
            "Called mum; she told me how my father is doing.",
            "My brother and his wife are expecting a baby.",
        ),
        ("parenting", "relatives", "children"),
    ),
    Domain(
        "friendship",
        "Friendship",
        "Friends, meeting up, talking, staying close and drifting apart.",
        (
            "Met an old friend from school and we talked until midnight.",
            "I miss the evenings with our group of friends.",
            "She forgave me for forgetting her birthday; I am glad we are friends.",
        ),
        ("social", "friends", "relationships"),
    ),
    Domain(
        "work",
        "Work",
        "The job, colleagues, meetings, projects, clients and careers.",
        (
            "The meeting with the client ran an hour over time.",
            "My boss moved the project deadline to Friday.",
            "I have a job interview next week and updated my application.",
            "My colleague is on leave, so her tasks are on my desk.",
        ),
        ("business", "job", "career", "office"),
    ),
    Domain(
        "money",
        "Money",
        "Income, spending, savings, debts, taxes, rent and insurance.",
        (
            "The electricity bill is eighty euros more than last year.",
            "Put two hundred into the savings account and checked the budget.",
            "The tax return is done; I get some of it refunded.",
            "Invested in a fund and watched the stock market fall.",
            "Transferred the mortgage payment to the bank.",
        ),
        ("finance", "finances", "economics", "taxes"),
    ),
    Domain(
        "society",
        "Society",
        "Politics, elections, law, news, history, war and justice.",
        (
            "The election result split the country in two.",
            "Went to a demonstration against the new housing law.",
            "Read the news about the war and the refugees all morning.",
        ),
        ("politics", "history", "law", "news", "community"),
    ),
    Domain(
        "faith",
        "Faith",
        "God, prayer, worship, scripture, meditation and spirituality.",
        (
            "Prayed in the empty church before the service.",
            "The imam spoke about mercy during the Friday sermon.",
            "Sat in silent meditation for twenty minutes and felt God near.",
            "The pilgrims sang a psalm at the altar.",
        ),
        ("religion", "spirituality", "spiritual", "prayer"),
    ),
    Domain(
        "learning",
        "Learning",
        "Studying, courses, exams, languages, school and teaching.",
        (
            "Learned thirty new Spanish words with flash cards.",
            "The exam is in two weeks and I have not begun to study.",
            "Finished the third lesson of the online course.",
            "The teacher gave my homework back with corrections.",
            "Practised irregular verbs for tomorrow’s class.",
        ),
        ("education", "study", "school", "teaching", "languages"),
    ),
    Domain(
        "play",
        "Play",
        "Games, sports, puzzles, hobbies and having fun.",
        (
            "We played a board game and I lost every round.",
            "Our team won the football match in the last minute.",
            "Solved the chess puzzle and started the next level of the video game.",
            "Kicked a ball around with the children and flew a kite.",
        ),
        ("games", "sport", "sports", "hobbies", "fun"),
    ),
    Domain(
        OTHER,
        "Other",
        "Anything that belongs to no other domain.",
        ("Nothing particular to note.", "A short reminder without a subject."),
        ("misc", "miscellaneous", "unknown"),
    ),
)


def canonical(name: str) -> str:
    """Return the id of the domain that ``name`` is an id, a label or an alias of, else "other"."""
    return _ids().get(" ".join(name.split()).casefold(), OTHER)


def with_examples(own: Mapping[str, Sequence[str]]) -> tuple[Domain, ...]:
    """Return the vocabulary with a person's own examples, by domain, in place of the given ones.

    A domain for which the person wrote none keeps those it has.
    """
    examples = {canonical(name): tuple(texts) for name, texts in own.items() if texts}
    return tuple(
        Domain(one.id, one.label, one.gloss, examples.get(one.id, one.examples), one.aliases)
        for one in VOCABULARY
    )


@cache
def _ids() -> Mapping[str, str]:
    return {
        word.casefold(): domain.id
        for domain in VOCABULARY
        for word in (domain.id, domain.label, *domain.aliases)
    }
