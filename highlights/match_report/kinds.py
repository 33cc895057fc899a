"""The kind of event that words tell of: a name or title of the profile, or a common word for one.

"Second yellow 7 Jones"   red_card     the longest phrase wins, so a second yellow is no yellow card
"Missed penalty"          penalty_kick and no goal, whatever stands beside it
"Corner, then a goal"     corner       a line begins with its kind; of two kinds later in a line, none is chosen
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from highlights.profile import Profile

LONGEST_NAME = 40
FIRST_WORDS = 3  # a kind among the first three words is what a line is about: `great save by`, `what a goal`


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event: the name and title in the timeline; `own_goal`: the side it is written for may be either."""

    name: str
    title: str
    own_goal: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """The kind found in a text, and the text without its words; `doubt`: why it is unsure."""

    kind: Kind | None
    rest: str
    doubt: str = ""


_WORDS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    # phrases; name and title if the profile has no such kind; names that a profile may have for it, the first one counts
    ("own goal|own-goal|o.g.|og|goal own goal", "goal", "Goal", ("goal",)),
    (
        "goal|goals|gooal|goaal|goal scored|scores|normal goal|goal normal goal|penalty scored|scored penalty|converted penalty"
        "|penalty converted|goal penalty|goal from the spot|goal direct free-kick|penalty goal|goal (pen)|goal from a penalty"
        "|goal from a corner|goal from a free kick|goal header|goal shot",
        "goal",
        "Goal",
        ("goal",),
    ),
    (
        "disallowed goal|goal disallowed|no goal|goal ruled out|goal cancelled|goal canceled|var goal cancelled|offside goal"
        "|goal disallowed by var|goal overturned|var no goal",
        "disallowed_goal",
        "Disallowed goal",
        ("disallowed_goal",),
    ),
    (
        "missed goal|almost a goal|nearly a goal|close to a goal|shot at goal|shot on goal|shots on goal|shot on target|attempt"
        "|attempt saved|attempt missed|chance|big chance|shot over the goal|shot off target|shot wide|hits the post"
        "|hits the bar|off the post|off the bar|shot",
        "shot",
        "Shot",
        ("shot",),
    ),
    ("goal kick|goal-kick", "goal_kick", "Goal kick", ("goal_kick",)),
    (
        "missed penalty|penalty missed|penalty saved|saved penalty|goal missed penalty|penalty kick|penalty shot|penalty throw"
        "|penalty awarded|7m|7-meter",
        "penalty_kick",
        "Penalty",
        ("penalty_kick", "penalty_shot", "penalty_throw"),
    ),
    ("penalty|pen|pens", "penalty_kick", "Penalty", ("penalty_kick", "penalty_throw", "penalty_goal", "penalty")),
    (
        "two-minute penalty|2 min penalty|minor penalty|major penalty|minor|penalty 2 min",
        "penalty",
        "Penalty",
        ("penalty", "suspension"),
    ),
    ("penalty goal|penalty kick goal", "penalty_goal", "Penalty goal", ("penalty_goal", "goal")),
    ("suspension|two minutes|2 minutes|sin bin|sin-bin", "suspension", "Suspension", ("suspension", "penalty")),
    (
        "red card|red|sent off|straight red|second yellow|second yellow card|2nd yellow|2nd yellow card|yellow-red"
        "|yellow-red card|yellow red card|card red|card red card|card second yellow card|second booking",
        "red_card",
        "Red card",
        ("red_card",),
    ),
    ("yellow card|yellow|booking|booked|caution|card yellow|card yellow card", "yellow_card", "Yellow card", ("yellow_card",)),
    ("corner kick|corner", "corner", "Corner", ("corner",)),
    ("free kick|free-kick|freekick", "free_kick", "Free kick", ("free_kick",)),
    ("save|saved|saves|keeper save|goalkeeper save|shot saved", "save", "Save", ("save",)),
    ("offside", "offside", "Offside", ("offside",)),
    ("foul", "foul", "Foul", ("foul",)),
    ("substitution|sub|subst|subs|substituted|replaced", "substitution", "Substitution", ("substitution",)),
    ("var|var check|var review", "var", "VAR", ("var",)),
    ("injury|injured", "injury", "Injury", ("injury",)),
    ("timeout|time-out|time out", "timeout", "Time-out", ("timeout",)),
    ("try|try scored", "try", "Try", ("try",)),
    ("conversion|converted|conversion kick", "conversion", "Conversion", ("conversion",)),
    ("drop goal|drop kick|dropgoal", "drop_goal", "Drop goal", ("drop_goal",)),
    ("tackle|big tackle", "big_tackle", "Big tackle", ("big_tackle", "hit")),
    ("touchdown|touch down|td", "touchdown", "Touchdown", ("touchdown",)),
    ("field goal|fg", "field_goal", "Field goal", ("field_goal", "two_pointer")),
    ("extra point|pat", "extra_point", "Extra point", ("extra_point",)),
    (
        "two-point conversion|two point conversion|2-point conversion|2pt conversion",
        "two_point_conversion",
        "Two-point conversion",
        ("two_point_conversion",),
    ),
    ("interception|pick six|int", "interception", "Interception", ("interception",)),
    ("fumble", "fumble", "Fumble", ("fumble",)),
    ("sack|sacked", "sack", "Sack", ("sack",)),
    ("safety", "safety", "Safety", ("safety",)),
    (
        "three-pointer|three pointer|3-pointer|3 pointer|3pt|3pts|three|for three|triple",
        "three_pointer",
        "Three-pointer",
        ("three_pointer",),
    ),
    ("two-pointer|two pointer|2-pointer|2pt|layup|lay-up|jumper", "two_pointer", "Two-pointer", ("two_pointer",)),
    ("free throw|free-throw|ft made", "free_throw", "Free throw", ("free_throw",)),
    ("dunk|slam dunk|alley-oop", "dunk", "Dunk", ("dunk",)),
    ("block|blocked|blocked shot", "block", "Block", ("block",)),
    ("steal", "steal", "Steal", ("steal",)),
    ("buzzer beater|buzzer-beater", "buzzer_beater", "Buzzer beater", ("buzzer_beater",)),
    ("fight", "fight", "Fight", ("fight",)),
    ("wicket|bowled|caught|lbw|run out|stumped|out", "wicket", "Wicket", ("wicket",)),
    ("six", "six", "Six", ("six",)),
    ("four|boundary", "four", "Four", ("four",)),
    ("home run|homer|hr", "home_run", "Home run", ("home_run",)),
    ("strikeout|strike out", "strikeout", "Strikeout", ("strikeout",)),
    ("double play", "double_play", "Double play", ("double_play",)),
    ("ace", "ace", "Ace", ("ace",)),
    ("spike", "spike", "Spike", ("spike",)),
    ("smash", "smash", "Smash", ("smash",)),
)
_OF_PROFILES = frozenset({"out", "four", "six", "three", "int", "pat", "minor", "caught", "replaced", "converted"})
"""Words of everyday language, which mean a kind of event only in a sport that has it; so does a goal."""
_NOT = re.compile(r"\b(?:no|not|never|almost|nearly|misses|missed|without|before|after|if)(?: \w+)?$")


def told(text: str, profile: Profile) -> Told:
    """The kind of event that a text tells of; none without a known word, or with several none of which comes first."""
    plain = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    found = list(_found(plain, _phrases(profile)))
    if not found:
        return Told(None, text)
    first = found[0]
    start, end, kind = first
    if _NOT.search(plain[:start].strip(" -,:")) and kind.name in ("goal", "try", "touchdown"):
        return Told(None, text, f"{plain[:end].strip()[-40:]!r} may tell of no {kind.title.lower()}")
    others = dict.fromkeys(other.title for _, _, other in found[1:] if other.name != kind.name)
    if others and len(plain[:start].split()) > FIRST_WORDS:
        return Told(None, text, f"it can be {kind.title} or {next(iter(others))}; write the kind of event first")
    return Told(kind, f"{text[:start]} , {text[end:]}")


def of_words(text: str, profile: Profile) -> Kind:
    """The kind with this title, which the profile need not have."""
    title = " ".join(text.split())[:LONGEST_NAME].strip(" .,;:!-–—")
    name = re.sub(r"[^a-z0-9]+", "_", title.casefold()).strip("_")
    name = name if re.match(r"[a-z]", name) else f"event_{name}".strip("_")
    rule = profile.event(name)
    return Kind(name, rule.title if rule else title[:1].upper() + title[1:])


def _found(plain: str, phrases: Mapping[str, Kind]) -> Iterator[tuple[int, int, Kind]]:
    """The phrases in a text that do not overlap, from left to right, at each place the longest."""
    last = 0
    for match in _pattern(tuple(phrases)).finditer(plain):
        if match.start() >= last:
            last = match.end()
            yield match.start(), match.end(), phrases[re.sub(r"[\s-]+", " ", match[1])]


@lru_cache(maxsize=16)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    words = "|".join(re.escape(phrase).replace(r"\ ", r"[\s-]+") for phrase in longest)
    return re.compile(rf"(?<!\w)({words})(?!\w)")


@lru_cache(maxsize=16)
def _of_kinds(kinds: tuple[tuple[str, str], ...]) -> dict[str, Kind]:
    """Every phrase, in lower case and with blanks for hyphens, and the kind it tells of among those of a profile."""
    titles = dict(kinds)
    phrases: dict[str, Kind] = {}
    for words, name, title, names in _WORDS:
        mine = next((candidate for candidate in names if candidate in titles), None)
        for phrase in words.split("|"):
            plain = re.sub(r"[\s-]+", " ", phrase)
            if mine is None and (phrase in _OF_PROFILES or name == "goal" or plain in phrases):
                continue
            kind = Kind(mine or name, titles.get(mine or "", title), "own" in phrase or phrase in ("og", "o.g."))
            if mine is not None or plain not in phrases:
                phrases[plain] = kind
    for name, title in kinds:
        for phrase in (name.replace("_", " "), title.casefold()):
            phrases[re.sub(r"[\s-]+", " ", phrase)] = Kind(name, title)
    return phrases


def _phrases(profile: Profile) -> dict[str, Kind]:
    return _of_kinds(tuple((rule.name, rule.title) for rule in profile.events))
