"""The messages between server and page: the state as plain JSON, and validated requests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from highlights import decisions
from highlights.analysis.score.notation import score_text
from highlights.choices import Times
from highlights.decisions import EventRef
from highlights.errors import DecisionError
from highlights.finders.evidence import PRIOR
from highlights.records import EVENT_TEXTS, Clip, Event, Recording, Timeline
from highlights.review.session import Change, Session
from highlights.review.tagging import ROLL_S, tag_keys, why_untagged
from highlights.spans import Span
from highlights.timeline import clip_of, moments_note

COLOURS = 8  # of the style sheet, one for each kind of event
LONGEST_S = 10_000_000.0
LEAST_SHARE = 0.001  # of the picture: a smaller cell holds no number

Seconds = Annotated[float, Field(ge=0, le=LONGEST_S, allow_inf_nan=False)]
Words = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Message(BaseModel):
    """Base of all requests: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EventPlace(Message):
    """Where an event is."""

    list: Literal["events", "near_misses"]
    index: int

    def place(self) -> EventRef:
        """The place."""
        return EventRef(self.list, self.index)


Shown = tuple[Seconds, Seconds]


class Accept(Message):
    """The event counts."""

    verb: Literal["accept"]
    place: EventPlace

    def change(self, timeline: Timeline) -> Timeline:
        """The timeline after it."""
        return decisions.accept(timeline, self.place.place())


class Reject(Message):
    """The event does not count."""

    verb: Literal["reject"]
    place: EventPlace

    def change(self, timeline: Timeline) -> Timeline:
        """The timeline after it."""
        return decisions.reject(timeline, self.place.place())


class Trim(Message):
    """The event is shown from in to out point, or by the profile's rolls."""

    verb: Literal["trim"]
    place: EventPlace
    shown: Shown | None

    def change(self, timeline: Timeline) -> Timeline:
        """The timeline after it."""
        return decisions.trim(timeline, self.place.place(), self.shown and _span(self.shown))


class NewWords(Message):
    """Texts of an event; absent ones stay."""

    name: Name | None = None
    title: Words | None = None
    team: Words | None = None
    player: Words | None = None
    score: Words | None = None
    game_clock: Words | None = None
    period: Words | None = None
    description: Words | None = None


class Relabel(Message):
    """The event gets other texts."""

    verb: Literal["relabel"]
    place: EventPlace
    words: NewWords

    def change(self, timeline: Timeline) -> Timeline:
        """The timeline after it."""
        return decisions.relabel(timeline, self.place.place(), **self.words.model_dump(exclude_none=True))


class Add(Message):
    """Another event."""

    verb: Literal["add"]
    name: Name
    title: Words
    shown: Shown
    peak_s: Seconds
    team: Words = ""
    player: Words = ""

    def change(self, timeline: Timeline) -> Timeline:
        """The timeline after it."""
        span = _span(self.shown)
        event = Event(self.name, self.title, span, self.peak_s, 1.0, (), shown=span, team=self.team, player=self.player)
        return decisions.add(timeline, event)


class Merge(Message):
    """Several events become one."""

    verb: Literal["merge"]
    places: Annotated[list[EventPlace], Field(min_length=2, max_length=1000)]

    def change(self, timeline: Timeline) -> Timeline:
        """The timeline after it."""
        return decisions.merge(timeline, [place.place() for place in self.places])


class Split(Message):
    """One event becomes two."""

    verb: Literal["split"]
    place: EventPlace
    at_s: Seconds

    def change(self, timeline: Timeline) -> Timeline:
        """The timeline after it."""
        return decisions.split(timeline, self.place.place(), self.at_s)


class Decide(Message):
    """A decision about a revision."""

    revision: int
    decision: Annotated[Accept | Reject | Trim | Relabel | Add | Merge | Split, Field(discriminator="verb")]

    @property
    def change(self) -> Change:
        """The change it makes."""
        return self.decision.change

    def words(self, timeline: Timeline) -> str:
        """The decision for a tool tip, such as `reject Goal`."""
        decision = self.decision
        places = [decision.places[0]] if isinstance(decision, Merge) else [] if isinstance(decision, Add) else [decision.place]
        titles = [decisions.at(timeline, place.place()).title for place in places] or [getattr(decision, "title", "")]
        return f"{decision.verb} {titles[0]}".strip()


class AtRevision(Message):
    """A request about a revision."""

    revision: int


class ProfileText(Message):
    """The text of a profile."""

    text: Annotated[str, Field(max_length=500_000)]
    revision: int | None = None


class Question(Message):
    """A query to a model about part of the match."""

    query: Annotated[str, Field(min_length=3, max_length=500)]
    from_s: Seconds
    to_s: Seconds

    @model_validator(mode="after")
    def _lasts(self) -> Question:
        if self.from_s >= self.to_s:
            raise ValueError("from_s must be before to_s")
        return self


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def _in_order(place: Place) -> Place:
    left, top, right, bottom = place
    if right - left < LEAST_SHARE or bottom - top < LEAST_SHARE:
        raise ValueError("a cell is [left, top, right, bottom] and not empty")
    return place


Place = tuple[Share, Share, Share, Share]
Cells = Annotated[
    dict[Name, Annotated[Place, AfterValidator(_in_order)]], Field(min_length=1, max_length=20)
]  # by the counter's name


class Spot(Message):
    """A point of the picture shown at a time."""

    at_s: Seconds
    x: Share
    y: Share


class CellsAt(Message):
    """Cells, to be read at a time."""

    at_s: Seconds
    cells: Cells


class CellsToSave(Message):
    """Cells for the profile."""

    cells: Cells
    revision: int | None = None


class Cut(Message):
    """How a reel is cut: the options of the command line by their names."""

    options: dict[str, str | float | bool | None] = {}


class Export(Message):
    """A file for another program."""

    format: str
    of: Literal["source", "reel"] | None = None


class Report(Message):
    """A match report as pasted, and when each half begins in the recording, in seconds."""

    revision: int
    text: Annotated[str, Field(min_length=1, max_length=500_000)]
    kick_offs: Annotated[list[Seconds], Field(max_length=9)] = Field(default_factory=list)
    times: Times = "auto"


class TeamText(Message):
    """The players of one team as pasted: a number and a name in each line."""

    name: Annotated[str, Field(max_length=80)]
    text: Annotated[str, Field(max_length=20_000)]


class RosterText(Message):
    """The players of both teams."""

    teams: Annotated[list[TeamText], Field(min_length=1, max_length=2)]


class PartNumber(Message):
    """One file of the recording."""

    part: int


def _span(shown: Shown) -> Span:
    if round(shown[0], 3) >= round(shown[1], 3):
        raise DecisionError(f"the out point must come after the in point, got {shown[0]:g} and {shown[1]:g} s")
    return Span(*shown)


def state(session: Session) -> dict[str, object]:
    """Everything on the page that decisions change."""
    timeline = session.timeline
    return {
        "revision": session.revision,
        "can_undo": bool(session.undo_words),
        "can_redo": bool(session.redo_words),
        "undo": session.undo_words,
        "redo": session.redo_words,
        "name": session.folder.name,
        "sport": timeline.sport,
        "duration_s": timeline.recording.duration_s,
        "frame_rate": [timeline.recording.parts[0].frame_rate.numerator, timeline.recording.parts[0].frame_rate.denominator],
        "teams": [team for team in timeline.analysis.scoreboard.teams if team],
        "note": moments_note(timeline),
        "untagged": why_untagged(timeline),
        "kinds": _kinds(session),
        "prior": PRIOR,
        "events": [_event(session, event) for event in timeline.events],
        "near_misses": [_event(session, event) for event in timeline.near_misses],
        "clips": [clip(one) for one in timeline.clips],
    }


def parts(recording: Recording) -> list[dict[str, object]]:
    """The files of the recording for the page, without their paths."""
    return [
        {
            "index": number,
            "name": part.path.name,
            "start_s": part.start_s,
            "duration_s": part.duration_s,
            "width": part.width,
            "height": part.height,
            "first_pts_s": part.first_pts_s,
            "src": f"media/{number}",
            "missing": not part.path.is_file(),
        }
        for number, part in enumerate(recording.parts)
    ]


def _kinds(session: Session) -> list[dict[str, object]]:
    """Every kind of event in the profile or the timeline, with the key that tags it and what is shown around its instant."""
    rules = {rule.name: rule for rule in session.profile.events}
    titles = {name: rule.title for name, rule in rules.items()}
    for event in (*session.timeline.events, *session.timeline.near_misses):
        titles.setdefault(event.name, event.title)
    keys = tag_keys({name: rules[name].key if name in rules else "" for name in titles})
    return [
        {
            "name": name,
            "title": title,
            "colour": i % COLOURS,
            "key": keys[name],
            "pre_roll_s": rules[name].pre_roll_s if name in rules else ROLL_S,
            "post_roll_s": rules[name].post_roll_s if name in rules else ROLL_S,
        }
        for i, (name, title) in enumerate(titles.items())
    ]


def _event(session: Session, event: Event) -> dict[str, object]:
    timeline = session.timeline
    shown = clip_of(0, event, timeline.recording, session.profile, timeline.analysis).span
    return {
        **{name: getattr(event, name) for name in EVENT_TEXTS},
        "start_s": event.span.start_s,
        "end_s": event.span.end_s,
        "peak_s": event.peak_s,
        "shown": event.shown and [event.shown.start_s, event.shown.end_s],
        "clip": [shown.start_s, shown.end_s],
        "status": event.status,
        "confidence": event.confidence,
        "why_not": event.why_not,
        "priority": event.priority,
        "evidence": [
            {
                "signal": claim.signal,
                "weight": claim.weight,
                "because": claim.because,
                "start_s": claim.span.start_s,
                "end_s": claim.span.end_s,
                "peak_s": claim.peak_s,
            }
            for claim in event.evidence
        ],
        "graphic": bool(timeline.analysis.scoreboard.boxes and timeline.analysis.scoreboard.readings),
    }


def clip(shown: Clip) -> dict[str, object]:
    """One clip."""
    return {
        "start_s": shown.span.start_s,
        "end_s": shown.span.end_s,
        "events": list(shown.events),
        "title": shown.title,
        "subtitle": shown.subtitle,
        "part": shown.part,
        "replay": shown.replay,
    }


def analysis(timeline: Timeline) -> dict[str, object]:
    """The analysis of the recording, which decisions do not change."""
    read, board = timeline.analysis, timeline.analysis.scoreboard
    return {
        "scenes": [{"start_s": s.span.start_s, "end_s": s.span.end_s, "transition": s.transition} for s in read.scenes],
        "crowd": {"step_s": read.crowd.step_s, "values": [round(value, 2) for value in read.crowd.values]},
        "changes": [
            {"shown_s": c.shown_s, "text": f"{score_text(c.before)} → {score_text(c.after)}", "clock": c.clock}
            for c in board.changes
        ],
        "readings": [{"time_s": r.time_s, "text": score_text(r.counters), "clock": r.clock} for r in board.readings],
        "doubt": board.doubt,
        "doubt_s": board.doubt_s,
        "visible": [[span.start_s, span.end_s] for span in board.visible],
        "replays": [
            {"start_s": r.span.start_s, "end_s": r.span.end_s, "confidence": r.confidence, "because": r.because}
            for r in read.replays
        ],
        "tones": [{"kind": t.kind, "start_s": t.span.start_s, "end_s": t.span.end_s} for t in read.tones],
    }
