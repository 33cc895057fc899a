"""A profile as data: how a sport's score is shown, and what each of its events looks and sounds like.

Weights are log-odds: each is added to the merger's prior of -2, so `confidence = logistic(-2 + sum of weights)`.

    sum of weights    1     2     3     4     5 (a score change alone)
    confidence       0.27  0.50  0.73  0.88  0.95
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from highlights.choices import Detector
from highlights.records import MOMENT, Box, Counter

Layout = Literal["versus", "cricket", "tennis", "sets"]
ClockWay = Literal["up", "down", "either", "none"]

COUNTERS: dict[str, tuple[str, ...]] = {
    "versus": ("score",),
    "cricket": ("runs", "wickets"),
    "tennis": ("points", "games", "sets"),
    "sets": ("points", "sets"),
}
"""The counters of each layout of a score graphic."""


LONGEST_WINDOW_S = 60.0
"""The models compress the times of anything longer into about a minute."""


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """`counter` of either side grows by one of `by`; the graphic shows it `shown_after_s` (least, most) after the instant."""

    counter: str
    by: tuple[int, ...]
    shown_after_s: tuple[float, float]


@dataclass(frozen=True, slots=True)
class CrowdRule:
    """The crowd's excitement (0..1, 1 is the match's clearest roar) reaches `at_least`."""

    at_least: float
    weight: float


@dataclass(frozen=True, slots=True)
class ReplayRule:
    """A replay starts at most `within_s` seconds after the instant."""

    within_s: float
    weight: float


@dataclass(frozen=True, slots=True)
class ToneRule:
    """A whistle or buzzer sounds at most `within_s` seconds from the instant."""

    kind: Literal["whistle", "buzzer"]
    within_s: float
    weight: float


@dataclass(frozen=True, slots=True)
class RallyRule:
    """The ball is struck back and forth for at least `at_least_s` seconds."""

    at_least_s: float
    weight: float


@dataclass(frozen=True, slots=True)
class Signals:
    """Evidence for an event besides a model; None: that signal is not used for it."""

    score: ScoreRule | None = None
    crowd: CrowdRule | None = None
    replay: ReplayRule | None = None
    whistle: ToneRule | None = None
    buzzer: ToneRule | None = None
    rally: RallyRule | None = None


@dataclass(frozen=True, slots=True)
class EventRule:
    """One kind of event: how models are asked about it, what supports it, how it is cut.

    `threshold` is the confidence from which a claim is an event; two events of one kind are at least `cool_down_s` apart.
    Those with `reel` false are found, but shown in a reel only if a person accepts them or the whole play is asked for.
    """

    name: str
    title: str
    queries: tuple[str, ...]
    check: str
    count: str = ""
    """What Molmo2 counts, a plural such as `goals`."""
    described_as: tuple[str, ...] = ()
    """Phrases by which a model's description of the event is recognised, beside its queries."""
    signals: Signals = Signals()
    min_length_s: float = 2.0
    max_length_s: float = 30.0
    pre_roll_s: float = 5.0
    post_roll_s: float = 5.0
    cool_down_s: float = 5.0
    priority: int = 1
    threshold: float = 0.5
    reel: bool = True
    key: str = ""
    """The key that tags it by hand; empty for one that the review page assigns."""


Place = tuple[float, float, float, float]
"""Left, top, right and bottom, 0 to 1 of a picture's width and height."""


MOMENT_RULE = EventRule(
    name=MOMENT,
    title="Moment",
    queries=(),  # no model is asked for it: it is what remains if nothing was found
    check="",
    pre_roll_s=8.0,  # the attack that led to it
    post_roll_s=8.0,  # and what came of it
    priority=0,
)
"""How a moment is cut in every sport; see `highlights.moments`."""


@dataclass(frozen=True, slots=True)
class ScoreboardRules:
    """The score graphic of a sport: its layout, by how much each counter may grow at once, the direction of its clock.

    Tennis points are counted as shown, advantage as 50, so they grow by 15 or 10 (and by 1 in a tie-break). `labels` are words
    beside numbers that count something else; without `dash`, so are two numbers joined by a dash. `box` pins where the graphic
    is, `cells` where each counter's number is.
    """

    layout: Layout
    steps: Mapping[str, tuple[int, ...]]
    clock: ClockWay = "either"
    max_score: int = 200
    labels: tuple[str, ...] = ()
    dash: bool = True
    box: Place | None = None
    cells: Mapping[Counter, Place] = field(default_factory=dict)

    @property
    def pinned(self) -> Place | None:
        """Where the graphic is, if the profile says so: its box, or that around its cells."""
        if self.box or not self.cells:
            return self.box
        lefts, tops, rights, bottoms = zip(*self.cells.values(), strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


def cells_of(layout: Layout) -> tuple[Counter, ...]:
    """The counters that can be read from a graphic of this layout."""
    if layout == "versus":
        return "home", "away"
    if layout == "cricket":
        return "runs", "wickets", "balls"
    return tuple(f"{side}_{name}" for name in COUNTERS[layout] for side in ("home", "away"))


def box_of(place: Place, width: int, height: int) -> Box:
    """A place in pixels of a picture."""
    left, top, right, bottom = place
    return Box(round(left * width), round(top * height), round(right * width), round(bottom * height))


@dataclass(frozen=True, slots=True)
class SceneRules:
    """How cuts are found; `threshold` None is the detector's default.

    `every_frame` decodes every frame, rather than only those where key frames leave doubts.
    """

    detector: Detector = "adaptive"
    threshold: float | None = None
    min_length_s: float = 0.5
    every_frame: bool = False


@dataclass(frozen=True, slots=True)
class WindowRules:
    """How scenes are grouped into windows for a model: at most `LONGEST_WINDOW_S` long."""

    length_s: float = 30.0
    overlap_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Profile:
    """What to look for in one sport."""

    sport: str
    title: str
    scoreboard: ScoreboardRules
    scenes: SceneRules = SceneRules()
    windows: WindowRules = WindowRules()
    events: tuple[EventRule, ...] = field(default=())
    path: Path = Path()

    def event(self, name: str) -> EventRule | None:
        """The rule of one kind of event, or None; moments have one in every profile."""
        return next((event for event in (*self.events, MOMENT_RULE) if event.name == name), None)

    def shows(self, name: str) -> bool:
        """Whether a reel shows events of this kind unasked; those that happen all the time it does not."""
        rule = self.event(name)
        return rule is None or rule.reel

    @property
    def play(self) -> EventRule | None:
        """The rule of the rallies that are all of the play: those with the shortest least length; None in other sports."""
        timed = [(rule.signals.rally.at_least_s, number) for number, rule in enumerate(self.events) if rule.signals.rally]
        return self.events[min(timed)[1]] if timed else None
