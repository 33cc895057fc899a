"""Which side of the score graphic each name in a report is, learned from the goals where the names differ.

report    Rovers 16'   Town 22'      HOME 16'   AWAY 22'
graphic   ELK 15:20    JAY 21:50     JAY 15:20  ELK 21:50
          Rovers is ELK, Town JAY    the graphic shows the away team first
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from highlights.match_report.anchors import Place
from highlights.match_report.lines import ReportLine
from highlights.match_report.names import side_of
from highlights.match_report.placing import Placed, Sides, has_change, matched
from highlights.profile import Profile
from highlights.records import Timeline

Told = Sequence[tuple[ReportLine, Place]]


def learned(told: Told, timeline: Timeline, profile: Profile) -> Sides:
    """The sides of the names in a report: those with which most of its goals agree with the score graphic."""
    choices, named = _choices([line for line, _ in told], timeline.analysis.scoreboard.teams)
    rated = [(_agreeing(choice, told, timeline, profile), choice) for choice in choices]
    best = max(count for count, _ in rated)
    winners = [choice for count, choice in rated if count == best]
    # HOME and AWAY the other way round is a strong claim: one line with the wrong side must not make it
    swapped = winners[0].swapped and (best < 2 or (not named and rated[0][0] > -2))
    return choices[0] if swapped or (len(winners) > 1 and not named) else winners[0]


def _choices(lines: Sequence[ReportLine], teams: tuple[str, str]) -> tuple[list[Sides], bool]:
    """What the names can mean, the likeliest first, and whether a line such as `Elks 3-1 Jays` names both teams."""
    plain = Sides(teams)
    result = next((line.names for line in lines if line.names), None)
    unknown = [name for name in dict.fromkeys(line.team.casefold() for line in lines if line.team) if not plain.of(name)]
    if result:
        told = tuple((name, side) for name in unknown if (side := side_of(name, result)))
        if told:
            return [Sides(teams, told), Sides(teams, tuple((name, _other(side)) for name, side in told), swapped=True)], True
        return [plain], True
    choices = [plain]
    if 1 <= len(unknown) <= 2:
        choices += [Sides(teams, tuple(zip(unknown, (side, _other(side)), strict=False))) for side in ("home", "away")]
    if any(side_of(line.team, ("", "")) for line in lines):
        choices += [Sides(teams, choice.learned, swapped=True) for choice in choices]
    return choices, False


def _agreeing(sides: Sides, told: Told, timeline: Timeline, profile: Profile) -> int:
    """How many lines are found events of their side, less those that are none."""
    return sum(
        (1 if found else -1)
        for rule in profile.events
        if rule.signals.score is not None
        for found in _found(sides, told, timeline, profile, rule.name)
    )


def _found(sides: Sides, told: Told, timeline: Timeline, profile: Profile, name: str) -> Iterator[bool]:
    """Of each line of one kind with a side, whether it is a found event."""
    lines = [
        Placed(line, place, sides.of(line.team))
        for line, place in told
        if place.spans and line.team and line.kind and line.kind.name == name
    ]
    events = [event for event in timeline.events if event.name == name and has_change(event)]
    pairs = matched(lines, events, profile.event(name), sides)
    return (number in pairs for number, line in enumerate(lines) if line.side)


def _other(side: str) -> str:
    return "away" if side == "home" else "home"
