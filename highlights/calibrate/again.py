"""Whether learned values find a kind of event better: matches are searched again, from what their timelines hold.

    crowd, replays, score ... of a timeline ──► signals ──► merger ──► events, against those a person accepted or added

What is claimed depends on the values too, and so does what the merger makes of the claims; the decisions about single claims
that the values are learned from do not show that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from highlights.calibrate.examples import Reviewed, all_decided, happened
from highlights.evaluation.instants import TOLERANCE_S, Measure, measured
from highlights.finders import signals
from highlights.finders.evidence import SIGNALS
from highlights.merge import Merged, merge
from highlights.profile import EventRule, Profile
from highlights.records import Timeline

_SAME_S = 0.5  # cuts beside an event are placed more exactly once it is found


@dataclass(frozen=True, slots=True)
class SearchAgain:
    """The matches, by number, in which every event of one kind was decided and that are searched as they once were."""

    profile: Profile
    matches: Mapping[int, Timeline]

    @classmethod
    def of(cls, reviewed: Sequence[Reviewed], profile: Profile, rule: EventRule) -> SearchAgain:
        """Those of the reviewed matches; others had the claims of a model, another profile, or were made by another version."""
        kept = {
            number: one.timeline
            for number, one in enumerate(reviewed)
            if all_decided(one.timeline, rule.name) and _is_reproduced(one.timeline, profile, rule)
        }
        return cls(profile, MappingProxyType(kept))

    def found(self, numbers: Iterable[int], rule: EventRule) -> list[Measure]:
        """What is found with a rule in each of these matches that can be searched."""
        return [_judged(self.matches[number], self.profile, rule) for number in numbers if number in self.matches]


def _is_reproduced(timeline: Timeline, profile: Profile, rule: EventRule) -> bool:
    """Whether the claims of a timeline are found again with the profile it was made with."""
    claimed = [event for event in (*timeline.events, *timeline.near_misses) if event.name == rule.name and event.evidence]
    if timeline.finders != ("signals",) or any(moment.signal not in SIGNALS for one in claimed for moment in one.evidence):
        return False
    merged = _searched(timeline, profile, rule)
    old, new = (sorted(event.peak_s for event in some) for some in (claimed, (*merged.events, *merged.near_misses)))
    return len(old) == len(new) and all(abs(a - b) <= _SAME_S for a, b in zip(old, new, strict=True))


def _searched(timeline: Timeline, profile: Profile, rule: EventRule) -> Merged:
    alone = replace(profile, events=(rule,))
    moments = signals.find(timeline.recording, alone, timeline.analysis)
    return merge(moments, alone, timeline.recording, timeline.analysis.scoreboard)


def _judged(timeline: Timeline, profile: Profile, rule: EventRule) -> Measure:
    true = [event.peak_s for event in timeline.events if event.name == rule.name and happened(event)]
    found = [event.peak_s for event in _searched(timeline, profile, rule).events]
    return measured(rule.name, true, found, TOLERANCE_S)
