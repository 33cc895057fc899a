"""What reviewed timelines teach about each kind of a profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from highlights.calibrate.again import SearchAgain
from highlights.calibrate.examples import Reviewed, examples, trims
from highlights.calibrate.fit import Learned, fit, missing
from highlights.errors import TimelineError
from highlights.profile import EventRule, Profile

LEAST_TRIMS = 5
_STEP_S = 0.5
_LONGEST_ROLL_S = 60.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What was learned about one kind of event, or what is `missing` for that, in words.

    `yes` and `no` are how often it happened and did not in the reviewed timelines, of which `matches` have it. `rolls`: the
    median pre-roll and post-roll of `trimmed` clips, in seconds, or None if there are too few.
    """

    rule: EventRule
    yes: int
    no: int
    matches: int
    learned: Learned | None
    missing: str
    rolls: tuple[float, float] | None
    trimmed: int

    @property
    def summary(self) -> str:
        """What became of it, in one line."""
        rolls = f"; rolls of {self.trimmed} clips" if self.rolls else ""
        if self.learned is None:
            return f"not learned, {self.missing} needed{rolls}"
        verdict = "better" if self.learned.better else "no better, so it stays as it is"
        if self.learned.silenced:
            verdict = f"not used, as {' and '.join(self.learned.silenced)} alone would find nothing any more"
        return f"{self.yes} happened, {self.no} did not: {self.learned.quality}: {verdict}{rolls}"


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What was learned from some matches for a profile."""

    profile: Profile
    matches: int
    kinds: tuple[Kind, ...]

    @property
    def changed(self) -> tuple[Kind, ...]:
        """The kinds for which there is something better than the profile's values."""
        return tuple(kind for kind in self.kinds if kind.rolls or (kind.learned and kind.learned.better))


def calibrate(reviewed: Sequence[Reviewed], profile: Profile) -> Calibrated:
    """Learn from reviewed timelines.

    Raises:
        TimelineError: there is too little to learn from; the message says how much is missing.
        HighlightsError: scikit-learn is not installed.
    """
    kinds = tuple(_kind(reviewed, profile, rule) for rule in profile.events)
    if not any(kind.learned or kind.rolls for kind in kinds):
        decided = [kind for kind in kinds if kind.yes + kind.no] or kinds[:1]
        nearest = "; ".join(f"{kind.rule.name}: {kind.missing}" for kind in decided)
        raise TimelineError(reviewed[0].path.parent.parent, f"too little was reviewed to learn from ({nearest})")
    return Calibrated(profile, len(reviewed), kinds)


def _kind(reviewed: Sequence[Reviewed], profile: Profile, rule: EventRule) -> Kind:
    found, set_by_hand = examples(reviewed, rule), trims(reviewed, rule.name)
    yes, lacking = sum(example.happened for example in found), missing(found)
    learned = None if lacking else fit(rule, found, SearchAgain.of(reviewed, profile, rule))
    enough = len(set_by_hand) >= LEAST_TRIMS
    rolls = (_typical([pre for pre, _ in set_by_hand]), _typical([post for _, post in set_by_hand])) if enough else None
    matches = len({example.match for example in found})
    return Kind(rule, yes, len(found) - yes, matches, learned, lacking, rolls, len(set_by_hand))


def _typical(rolls_s: Sequence[float]) -> float:
    return min(_LONGEST_ROLL_S, round(median(rolls_s) / _STEP_S) * _STEP_S)
