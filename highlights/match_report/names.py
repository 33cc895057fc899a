"""Who a line names: the player, and the side.

", 7 Jones (Rovers)"      Jones      Rovers
"great , by Miller"       Miller
"Smith, ELK"              Smith      ELK, if the score graphic names it
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SIDES = {
    "home": ("home", "h", "hosts", "home team", "home side"),
    "away": ("away", "a", "visitors", "guests", "visiting team", "away team", "away side"),
}
LONGEST_PLAYER = 4  # words
_PARTICLES = frozenset(
    ("de", "da", "do", "dos", "di", "del", "der", "den", "van", "von", "la", "le", "el", "al", "bin", "ten", "ter")
)
_NO_NAMES = frozenset(
    re.findall(
        r"\S+",
        """
        header headed volley penalty pen shot great what superb good bad first second half left right foot footed tap-in free
        kick corner goal var by for from after near far post no not the a an and injury off on in out his her their our scores
        scored wonderful brilliant amazing late early nice lovely home away long short range big huge close assist
        goalkeeper keeper foul dissent handball
        simulation offside violent conduct time wasting
        """,
    )
)
"""Words that begin a sentence, or tell how a goal was scored."""
_ASIDE = re.compile(r"[\[(]([^()\[\]]{1,60})[\])]")
_NUMBER = re.compile(r"^(?:#|no\.?\s*)?(\d{1,2})\b\.?\s*", re.IGNORECASE | re.ASCII)
_BY = re.compile(r"\bby\s+((?:#?\d{1,2}\s+)?[^\W\d_][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){0,3})")
_NO_TEAMS = re.compile(
    r"(?:pen\.?|p|pk|og|o\.g\.|own goal|penalty|header|free[ -]?kick|(?:assist|assisted|ast)\b.*|var.*|\d.*|[^A-Za-z]*"
    r"|(?:left|right) foot(?:ed)?.*|.*\bminutes?\b.*|.*['’′].*)",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Words:
    """The names in a text; `without_team` is the text without the side in parentheses."""

    player: str = ""
    team: str = ""
    without_team: str = ""


def side_of(text: str, teams: tuple[str, str]) -> str:
    """`home` or `away`, if the text names one side: by these words, or by the name on the graphic or what it is short for."""
    plain = _plain(text)
    for side, words in SIDES.items():
        if plain in words:
            return side
    alike = [side for side, name in zip(SIDES, teams, strict=True) if name and _plain(name) == plain]
    alike = alike or [side for side, name in zip(SIDES, teams, strict=True) if name and _short_for(_plain(name), plain)]
    return alike[0] if len(alike) == 1 else ""


def words_of(text: str, teams: tuple[str, str]) -> Words:
    """The player and the team that a text without its kind of event names."""
    team, without = "", text
    for aside in _ASIDE.finditer(text):
        without = without.replace(aside[0], " , ")
        inside = aside[1].strip()
        if side_of(inside, teams) or (not team and _may_be_team(inside)):
            team = inside
    player = ""
    for chunk in re.split(r"[,;|]|\s[–—-]+\s|:\s", without):
        words = chunk.strip(' .,;:!|–—-"')
        if not team and _names_side(words, teams):
            team = words
        elif not player:
            player = name_in(words)
    if not player and (by := _BY.search(without)):
        player = _leading_name(by[1])
    return Words(player, team, without)


def name_in(text: str) -> str:
    """The text if it is a name, without the number on the shirt; else nothing."""
    rest = _NUMBER.sub("", text).strip()
    if not rest and (number := _NUMBER.match(text)) and text.lower().startswith(("#", "no")):
        return f"#{number[1]}"
    words = rest.split()
    return rest if 1 <= len(words) <= LONGEST_PLAYER and _is_name(words) else ""


def _leading_name(text: str) -> str:
    """The words of a name at the start of a text: `Miller from close range` is Miller."""
    words = text.split()
    named = next((n for n, word in enumerate(words) if not _is_name([word]) and _plain(word) not in _PARTICLES), len(words))
    return name_in(" ".join(words[:named]))


def _is_name(words: list[str]) -> bool:
    """Whether all words begin like names: not in lower case, but for particles, and at least one is no everyday word."""
    letters = [word for word in words if re.match(r"[^\W\d_]", word)]
    everyday = [word for word in letters if _plain(word) in _NO_NAMES]
    lower = [word for word in letters if word[0].islower() and word.lower() not in _PARTICLES]
    return len(letters) == len(words) and not everyday and not lower and any(not w[0].islower() for w in letters)


def _may_be_team(text: str) -> bool:
    """Whether a text in parentheses can be a team: it begins like a name, and says nothing about how or why."""
    words = text.split()
    named = bool(words) and not words[0][0].islower() and re.search(r"[^\W\d_]", text) is not None
    return named and not _NO_TEAMS.fullmatch(text) and not all(_plain(word) in _NO_NAMES for word in words)


def _names_side(text: str, teams: tuple[str, str]) -> bool:
    """Whether a text without parentheses is a side: `home`, or exactly a name on the graphic."""
    plain = _plain(text)
    return len(plain) > 1 and (any(plain in words for words in SIDES.values()) or plain in [_plain(n) for n in teams if n])


def _short_for(short: str, name: str) -> bool:
    """Whether a name on a graphic abbreviates another: its letters in order, from the same first one. `MUN`, `Man United`."""
    if len(short) < 2 or len(short) >= len(name) or short[0] != name[0]:
        return False
    letters = iter(name)
    return all(letter in letters for letter in short)


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(" .,:;()[]").split())
