"""The search for scenes: what is in doubt is looked at, and only what stays unclear is scanned frame by frame.

    key frames   K ······ K ······ K     doubts ──► looks ──► GOPs that still differ ──► spots in them ──► scans
    all P frames   P P P P P P P P P     steps ───► looks ─────────────────────────────► spots ──────────► scans

A clear cut is looked at only where its exact frame is asked for; elsewhere its packet places it, a few frames off at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from highlights.analysis.scenes.detect import SEEN, Turn
from highlights.analysis.scenes.doubts import BESIDE_GROUP, Doubt, KeyViews
from highlights.analysis.scenes.fingerprint import Glimpse
from highlights.analysis.scenes.scan import (
    SMALL_WIDTH,
    Calm,
    Excerpts,
    ExcerptScan,
    Look,
    Reader,
    Scanner,
    found,
    read_excerpts,
)
from highlights.analysis.scenes.steps import BESIDE_SUDDEN, CUT_COLOURS, StepWatch, middle_s, widened
from highlights.profile import SceneRules
from highlights.progress import StageProgress
from highlights.spans import Span, merge

LONGEST_RUN_S = 20.0  # so that all cores get some
TOGETHER_S = 0.2  # two spots this close are scanned as one


@dataclass(frozen=True, slots=True)
class Search:
    """How doubts are resolved.

    `exact`: where the exact frame of a cut matters. `thorough`: whether every frame of what differs is scanned, so that its
    motion is known too.
    """

    rules: SceneRules
    exact: Sequence[Span]
    thorough: bool
    excerpts: Excerpts
    pool: Executor

    def in_doubts(self, doubted: Sequence[Doubt], others: Sequence[Reader], progress: StageProgress) -> list[ExcerptScan]:
        """Look at the places of all doubts, then at each GOP whose ends differ by more than the turns found there.

        `others` are read in the first pass.
        """
        placed = [doubt for doubt in doubted if doubt.clear and not self._asked(doubt.group)]
        doubted = [doubt for doubt in doubted if doubt not in placed]
        looked = [doubt for doubt in doubted if self.excerpts.thins(doubt.part)]
        scanners = self._runs([doubt for doubt in doubted if doubt not in looked])
        own = {doubt: [self._look(doubt, place) for place in doubt.places] for doubt in looked}
        looks = [look for those in own.values() for look in those]
        found_by = self._seen(looks, [*others, *scanners], lambda share: progress(share / 2))
        scans = [*(self._placed(doubt.part, self._between(doubt)) for doubt in placed), *found_by.values()]
        turns_s = [(scan.part, turn.time_s) for scan in scans for turn in scan.turns]
        unexplained = [
            doubt
            for doubt, those in own.items()
            if doubt.whole
            and (
                not any(p == doubt.part and doubt.group.start_s < t <= doubt.group.end_s for p, t in turns_s)
                or _differs_elsewhere(doubt, [found_by[look] for look in those])
            )
        ]
        scans += self._in_groups(unexplained, lambda share: progress((1 + share) / 2))
        return sorted([*scans, *(scanner.result() for scanner in scanners)], key=lambda scan: scan.times_s[:1])

    def _in_groups(self, doubted: Sequence[Doubt], progress: StageProgress) -> list[ExcerptScan]:
        """Scan whole GOPs, or where frames that others refer to change.

        A sudden change is looked at first, or only placed if it is certainly a cut whose exact frame does not matter.
        """
        if self.thorough:
            return self._scanned([(doubt.part, doubt.whole) for doubt in doubted if doubt.whole], [], progress)
        placed, looks, spots = list[ExcerptScan](), list[Look](), list[tuple[int, Span]]()
        for doubt, steps in zip(doubted, self.pool.map(partial(_steps, self.excerpts), doubted), strict=True):
            (sudden, slow), cuts = steps.changes(), [] if self._asked(doubt.group) else steps.cuts()
            spots += [(doubt.part, spot) for spot in slow]
            places = [place for place in sudden if not any(_holds(spot, place) for spot in slow)]
            placed += [self._placed(doubt.part, place) for place in places if place in cuts]
            looks += [Look(doubt.part, place, least_colours=CUT_COLOURS) for place in places if place not in cuts]
        return [*placed, *self._scanned(spots, looks, progress)]

    def in_steps(
        self, part: int, steps: StepWatch, views: KeyViews, others: Sequence[Reader], progress: StageProgress
    ) -> list[ExcerptScan]:
        """Place or look at the certain cuts of one part, and scan the other changes where samples are unlike."""
        cuts, unlike, frame_s = steps.cuts(), views.unlike(), self.excerpts.frame_s(part)
        sudden, slow = steps.changes()
        spots = [*(widened(change, BESIDE_SUDDEN, frame_s) for change in sudden if change not in cuts), *slow]
        scanners = self._scanners([(part, spot) for spot in spots if any(spot.overlap_s(span) for span in unlike)])
        looks = [Look(part, cut) for cut in cuts if self._asked(cut)]
        seen = self._seen(looks, [*scanners, *others], progress).values()
        placed = [self._placed(part, cut) for cut in cuts if not self._asked(cut)]
        return [*seen, *placed, *(scanner.result() for scanner in scanners)]

    def _runs(self, doubted: Sequence[Doubt]) -> list[Scanner]:
        """Scanners of runs of GOPs, none too long for one core, each with the frames after it that its last turn needs."""
        runs: list[tuple[Span, Doubt]] = []
        for doubt in doubted:
            span = Span(doubt.group.start_s, doubt.group.end_s + BESIDE_GROUP[1] * self.excerpts.frame_s(doubt.part))
            run, last = runs[-1] if runs else (span, None)
            if last and last.part == doubt.part and run.overlap_s(span) and span.end_s - run.start_s < LONGEST_RUN_S:
                runs[-1] = Span(run.start_s, span.end_s), doubt
            else:
                runs.append((span, doubt))
        return [Scanner(last.part, run, self.rules, self._calm(last)) for run, last in runs]

    def _calm(self, doubt: Doubt) -> Calm | None:
        """When the scan of a GOP may end early; None if its motion is needed."""
        if self.thorough or doubt.ends is None:
            return None
        return Calm(max((place.end_s for place in doubt.places), default=doubt.group.start_s), doubt.ends[1])

    def _look(self, doubt: Doubt, place: Span) -> Look:
        return Look(doubt.part, place, None if self._asked(doubt.group) else self.excerpts.frame_s(doubt.part))

    def _between(self, doubt: Doubt) -> Span:
        """From the last frame before the cut of a clear doubt to the one whose packet stands out."""
        (place,) = doubt.places
        return Span(place.start_s, place.end_s - self.excerpts.frame_s(doubt.part) / 2)  # a place ends half a frame later

    def _placed(self, part: int, place: Span) -> ExcerptScan:
        """A cut that was not looked at."""
        at_s = middle_s(place, self.excerpts.frame_s(part))
        return found(part, Turn(at_s, at_s, "cut", SEEN, exact=False))

    def _asked(self, span: Span) -> bool:
        return any(span.overlap_s(other) for other in self.exact)

    def _seen(self, looks: Sequence[Look], others: Sequence[Reader], progress: StageProgress) -> dict[Look, ExcerptScan]:
        """What is found by looking or, where that leaves doubt, by scanning every frame there.

        `others` are read in the first pass.
        """
        read_excerpts([*looks, *others], self.excerpts, self.pool, lambda share: progress(share / 2))
        results = {look: look.result() for look in looks}
        unclear = {
            look: widened(look.place, BESIDE_SUDDEN, self.excerpts.frame_s(look.part))
            for look, result in results.items()
            if result is None
        }
        scanners = self._scanners([(look.part, spot) for look, spot in unclear.items()])
        read_excerpts(scanners, self.excerpts, self.pool, lambda share: progress((1 + share) / 2))
        scans = {scanner: scanner.result() for scanner in scanners}
        for look, spot in unclear.items():
            results[look] = next(scans[s] for s in scanners if s.part == look.part and _holds(s.span, spot))
        return {look: result for look, result in results.items() if result is not None}

    def _scanned(self, spots: Sequence[tuple[int, Span]], looks: Sequence[Look], progress: StageProgress) -> list[ExcerptScan]:
        """Scan every frame of these spans by part; the looks are made in the same pass."""
        scanners = self._scanners(spots)
        seen = self._seen(looks, scanners, progress)
        return [*seen.values(), *(scanner.result() for scanner in scanners)]

    def _scanners(self, spots: Sequence[tuple[int, Span]]) -> list[Scanner]:
        """One for each of these spans by part; those that touch are one."""
        by_part: dict[int, list[Span]] = {}
        for part, spot in spots:
            by_part.setdefault(part, []).append(spot)
        merged = [(part, span) for part, those in by_part.items() for span in merge(those, max_gap_s=TOGETHER_S)]
        return [Scanner(part, span, self.rules) for part, span in merged]


def _holds(outer: Span, inner: Span) -> bool:
    return inner.overlap_s(outer) == inner.length_s


def _steps(excerpts: Excerpts, doubt: Doubt) -> StepWatch:
    """The steps between those frames of a GOP that others refer to, up to one that is like the next key frame."""
    reader, group = excerpts.of(doubt.part), doubt.group
    steps = StepWatch(excerpts.frame_s(doubt.part))
    for frame in reader.read(group.start_s, group.end_s, without=reader.skip):
        seen = Glimpse.of(frame.small_bgr(SMALL_WIDTH))
        steps.add(frame.time_s, seen)
        if doubt.ends and not seen.unlike(doubt.ends[1]):
            break
    else:
        if doubt.ends:
            steps.add(group.end_s, doubt.ends[1])
    return steps


def _differs_elsewhere(doubt: Doubt, places: Sequence[ExcerptScan]) -> bool:
    """Whether a GOP changes between its places too, such as by a dissolve just before a cut.

    key frame A   ├ place ┤    ├ place ┤   key frame B
              └─?─┘       └─?──┘       └─?─┘
    """
    if not places or doubt.ends is None:
        return False
    glimpses = [doubt.ends[0], *(end for scan in places for end in scan.ends or ()), doubt.ends[1]]
    return any(one.unlike(other) for one, other in zip(glimpses[::2], glimpses[1::2], strict=True))
