"""The keys of a profile file, each with its type, range and description; used for validation and the JSON Schema only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from highlights.choices import Detector
from highlights.profile import rules
from highlights.records import Counter

Seconds: TypeAlias = Annotated[float, Field(ge=0, le=3600)]
Length: TypeAlias = Annotated[float, Field(gt=0, le=3600)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
LogOdds: TypeAlias = Annotated[float, Field(ge=-10, le=10)]
Steps: TypeAlias = Annotated[list[Annotated[int, Field(ge=1, le=1000)]], Field(min_length=1, max_length=50)]


def _in_order(place: list[float]) -> list[float]:
    left, top, right, bottom = place
    if left >= right or top >= bottom:
        raise ValueError("must be [left, top, right, bottom]")
    return place


Place: TypeAlias = Annotated[
    list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=4, max_length=4), AfterValidator(_in_order)
]
Sentence: TypeAlias = Annotated[str, Field(min_length=3, max_length=300, pattern=r"\S")]
Title: TypeAlias = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^\S([^\r\n]*\S)?$")]
Name: TypeAlias = Annotated[str, Field(max_length=40, pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]

_LOG_ODDS = "What this adds in log-odds (confidence = logistic(-2 + sum)): 1 supports, 2 makes it even, 5 settles it."


class Section(BaseModel):
    """Base of every mapping in a profile; unknown keys are errors."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Score(Section):
    """The score graphic changes as it does for this event."""

    counter: str = Field(description="What grows: score; runs or wickets in cricket; points, games or sets in other layouts.")
    by: Steps = Field(description="By how much it grows at once: any of these numbers.")
    shown_after_s: list[Seconds] = Field(
        min_length=2,
        max_length=2,
        description="[least, most] seconds from the instant itself until the graphic shows it.",
    )

    def record(self) -> rules.ScoreRule:
        """The rule as data."""
        least, most = self.shown_after_s
        return rules.ScoreRule(self.counter, tuple(self.by), (float(least), float(most)))


class Crowd(Section):
    """The crowd gets loud."""

    at_least: Share = Field(description="Excitement from which it counts: 0 is the match's usual level, 1 its clearest roar.")
    weight: LogOdds = Field(description=_LOG_ODDS)


class Replay(Section):
    """A replay of it follows."""

    within_s: Length = Field(description="The replay starts at most this many seconds after the instant.")
    weight: LogOdds = Field(description=_LOG_ODDS)


class Tone(Section):
    """A whistle or buzzer sounds."""

    within_s: Length = Field(description="It sounds at most this many seconds from the instant.")
    weight: LogOdds = Field(description=_LOG_ODDS)


class Rally(Section):
    """The ball is struck back and forth, by the sound of the hits."""

    at_least_s: Seconds = Field(description="Shortest time in seconds from the first hit to the last.")
    weight: LogOdds = Field(description=_LOG_ODDS)


class SignalSection(Section):
    """Evidence for the event besides a model. Leave out signals that mean nothing for it."""

    score: Score | None = Field(default=None, description="A change of the score graphic that means this event.")
    crowd: Crowd | None = Field(default=None, description="The crowd gets loud at the instant.")
    replay: Replay | None = Field(default=None, description="A replay follows.")
    whistle: Tone | None = Field(default=None, description="A referee's whistle sounds.")
    buzzer: Tone | None = Field(default=None, description="A buzzer or horn sounds.")
    rally: Rally | None = Field(default=None, description="The ball is heard going back and forth (net and racket sports).")

    def record(self) -> rules.Signals:
        """The rules as data."""
        return rules.Signals(
            score=self.score.record() if self.score else None,
            crowd=rules.CrowdRule(self.crowd.at_least, self.crowd.weight) if self.crowd else None,
            replay=rules.ReplayRule(self.replay.within_s, self.replay.weight) if self.replay else None,
            whistle=rules.ToneRule("whistle", self.whistle.within_s, self.whistle.weight) if self.whistle else None,
            buzzer=rules.ToneRule("buzzer", self.buzzer.within_s, self.buzzer.weight) if self.buzzer else None,
            rally=rules.RallyRule(float(self.rally.at_least_s), self.rally.weight) if self.rally else None,
        )


class EventSection(Section):
    """One kind of event."""

    name: Name = Field(description="Its name in results and truth files: lower-case words joined by _, such as three_pointer.")
    title: Title = Field(description="What viewers read on the reel.")
    queries: list[Sentence] = Field(
        min_length=1,
        max_length=8,
        description="Descriptions by which a model finds it: one visible thing each, in the present tense.",
    )
    check: Sentence = Field(description="A yes/no question that a model answers about one short clip.")
    count: Title = Field(default="", description="What a model counts in one short clip, a plural: goals, corner kicks.")
    described_as: list[Sentence] = Field(
        default=[],
        max_length=20,
        description="Phrases that only a description of it has, in English: back of the net. Any form of a word counts.",
    )
    signals: SignalSection = Field(default=SignalSection(), description="Evidence for it besides a model.")
    min_length_s: Length = Field(default=2.0, description="Shortest length of the event itself, in seconds.")
    max_length_s: Length = Field(default=30.0, description="Longest length of the event itself, in seconds.")
    pre_roll_s: Seconds = Field(default=5.0, description="Seconds shown before it.")
    post_roll_s: Seconds = Field(default=5.0, description="Seconds shown after it.")
    cool_down_s: Seconds = Field(default=5.0, description="Two events of this kind are at least this many seconds apart.")
    priority: int = Field(default=1, ge=0, le=100, description="What stays when the reel must be short: higher stays longer.")
    threshold: Share = Field(default=0.5, description="Confidence from which it is an event; below, it is a near miss.")
    reel: bool = Field(default=True, description="Whether the reel shows it; false for what happens all the time.")
    key: str = Field(
        default="",
        pattern="^[b-gi-oq-z0-9]?$",
        description="The key that tags it by hand: a digit or a letter, but not a, h or p, which name the team and the player.",
    )
    remove: bool = Field(default=False, description="With extends: true removes this event of the extended profile.")

    def record(self) -> rules.EventRule:
        """The rule as data."""
        return rules.EventRule(
            name=self.name,
            title=self.title,
            queries=tuple(self.queries),
            check=self.check,
            count=self.count,
            described_as=tuple(self.described_as),
            signals=self.signals.record(),
            min_length_s=float(self.min_length_s),
            max_length_s=float(self.max_length_s),
            pre_roll_s=float(self.pre_roll_s),
            post_roll_s=float(self.post_roll_s),
            cool_down_s=float(self.cool_down_s),
            priority=self.priority,
            threshold=float(self.threshold),
            reel=self.reel,
            key=self.key,
        )


class ScoreboardSection(Section):
    """How the sport's score is shown."""

    layout: rules.Layout = Field(
        description="versus: a number for each team. sets: points that restart each set. tennis: 15, 30, 40, games, sets. "
        "cricket: runs, wickets, overs."
    )
    steps: dict[str, Steps] = Field(description="By how much each counter may grow at once.", min_length=1)
    clock: rules.ClockWay = Field(default="either", description="The direction of the game clock; none: there is no clock.")
    max_score: int = Field(default=200, ge=1, le=10_000, description="A counter above this is a misreading.")
    labels: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(
        default=[], max_length=100, description="Words beside numbers that count something else: PITCHES, SHOTS."
    )
    dash: bool = Field(
        default=True, description="Whether 2-1 can be the score; not in baseball, where it counts balls and strikes."
    )
    box: Place | None = Field(
        default=None, description="Where the graphic is; leave out to find it. `highlights doctor RECORDING` prints it."
    )
    cells: dict[Counter, Place] = Field(
        default={}, description="Where the number of each counter is, by its name: home and away, runs and wickets, ..."
    )

    @model_validator(mode="after")
    def _cells_of_the_layout(self) -> Self:
        counted = rules.cells_of(self.layout)
        for name in self.cells:
            if name not in counted:
                raise ValueError(f"cells: {name} is not counted by this layout; use {', '.join(counted)}")
        sides = zip(counted[::2], counted[1::2], strict=False)
        if self.cells and not any({one, other} <= set(self.cells) for one, other in sides):
            raise ValueError(f"cells: give both numbers of a score: {counted[0]} and {counted[1]}")
        return self

    def record(self) -> rules.ScoreboardRules:
        """The rules as data."""
        steps = {counter: tuple(by) for counter, by in self.steps.items()}
        cells = {counter: _place(place) for counter, place in self.cells.items()}
        box = None if self.box is None else _place(self.box)
        labels = tuple(label.upper() for label in self.labels)
        return rules.ScoreboardRules(self.layout, steps, self.clock, self.max_score, labels, self.dash, box, cells)


def _place(place: Sequence[float]) -> rules.Place:
    left, top, right, bottom = place
    return float(left), float(top), float(right), float(bottom)


class ScenesSection(Section):
    """How cuts are found."""

    detector: Detector = Field(default="adaptive", description="The PySceneDetect detector.")
    threshold: Annotated[float, Field(gt=0, le=255)] | None = Field(
        default=None, description="How much change is a cut; leave out for the detector's default."
    )
    min_length_s: Seconds = Field(default=0.5, description="Shortest scene, in seconds.")


class WindowsSection(Section):
    """How scenes are grouped into windows for a model."""

    length_s: float = Field(gt=0, le=rules.LONGEST_WINDOW_S, default=30.0, description="Longest window, in seconds.")
    overlap_s: Seconds = Field(default=5.0, description="Seconds that neighbouring windows share.")


class ProfileFile(Section):
    """An event profile: what to look for in one sport."""

    extends: str | None = Field(
        default=None,
        description="Another profile, by name or path: keys missing here are taken from there; events are matched by name.",
    )
    sport: Name = Field(description="The sport's name, as in results: lower-case words joined by _.")
    title: Title = Field(description="The sport's name as people write it.")
    scoreboard: ScoreboardSection = Field(description="What the score graphic counts and how.")
    scenes: ScenesSection = Field(default=ScenesSection(), description="How the recording is cut into scenes.")
    windows: WindowsSection = Field(default=WindowsSection(), description="How scenes are grouped for a model.")
    events: list[EventSection] = Field(min_length=1, max_length=100, description="What to look for.")

    def record(self, path: Path) -> rules.Profile:
        """The profile as data."""
        scenes, windows = self.scenes, self.windows
        threshold = None if scenes.threshold is None else float(scenes.threshold)
        return rules.Profile(
            sport=self.sport,
            title=self.title,
            scoreboard=self.scoreboard.record(),
            scenes=rules.SceneRules(scenes.detector, threshold, float(scenes.min_length_s)),
            windows=rules.WindowRules(float(windows.length_s), float(windows.overlap_s)),
            events=tuple(event.record() for event in self.events),
            path=path,
        )


def json_schema() -> dict[str, object]:
    """The JSON Schema with which editors complete and describe keys.

    A profile that extends another may leave out any key, so only event names, and the sections of a profile that extends
    nothing, are required here; `load` checks the rest.
    """
    schema = ProfileFile.model_json_schema()
    whole = schema.pop("required")
    for name, definition in schema["$defs"].items():
        definition.pop("required", None)
        if name == EventSection.__name__:
            definition["required"] = ["name"]
    schema["anyOf"] = [{"required": ["extends"]}, {"required": whole}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
