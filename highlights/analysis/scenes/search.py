"""The search for scenes: what is in doubt is looked at, and only what stays unclear is scanned frame by frame.

    key frames   K ······ K ······ K     doubts ──► leaps, looks ──► GOPs that still differ ──► spots in them ──► scans
    all P frames   P P P P P P P P P     steps ───► looks ────────────────────────────────────► spots ──────────► scans

A clear cut is looked at only where its exact frame is asked for; elsewhere its packet places it, a few frames off at most. A
leap is a look for which hardly anything before the place is decoded (`media/leaps.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from highlights.analysis.scenes.detect import SEEN, Turn
from highlights.analysis.scenes.doubts import BESIDE_GROUP, Doubt, KeyViews
from highlights.analysis.scenes.looks import Look, leap, leap_beside
from highlights.analysis.scenes.scan import Calm, Excerpts, ExcerptScan, GroupSteps, Reader, Scanner, found, read_excerpts
from highlights.analysis.scenes.steps import BESIDE_SUDDEN, CUT_COLOURS, StepWatch, middle_s, widened
from highlights.profile import SceneRules
from highlights.progress import StageProgress
from highlights.spans import Span, merge

EARLY = 8  # frames: what changes so soon in a scan has too little before it to stand out from
TOGETHER_S = 0.2  # two spots this close are scanned as one


@dataclass(frozen=True, slots=True)
class Search:
    """How doubts are resolved.

    `exact`: where the exact frame of a cut matters. `closely`: where no change may be missed beside a cut, either.
    `thorough`: whether every frame of what differs is scanned, so that its motion is known too.
    """

    rules: SceneRules
    exact: Sequence[Span]
    closely: Sequence[Span]
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
        own = {doubt: [self._look(doubt, place) for place in doubt.places if not _ends_whole(doubt, place)] for doubt in looked}
        found_by, stepped = self._leapt(own), dict[Doubt, GroupSteps]()
        if not self.thorough:  # what is unexplained already is read in the same pass
            settled = {doubt: those for doubt, those in own.items() if all(look in found_by for look in those)}
            stepped = self._stepped(self._unexplained(settled, found_by))
        looks = [look for those in own.values() for look in those if look not in found_by]
        found_by |= self._seen(looks, [*others, *scanners, *stepped.values()], lambda share: progress(share / 2))
        scans = [*(self._placed(doubt.part, self._between(doubt)) for doubt in placed), *found_by.values()]
        unexplained = self._unexplained(own, found_by)
        scans += self._in_groups(unexplained, stepped, lambda share: progress((1 + share) / 2))
        return sorted([*scans, *(scanner.result() for scanner in scanners)], key=lambda scan: scan.times_s[:1])

    def _unexplained(self, own: Mapping[Doubt, Sequence[Look]], found_by: Mapping[Look, ExcerptScan]) -> list[Doubt]:
        """The doubts whose ends differ by more than what was found explains."""
        turns_s = [(scan.part, turn.time_s) for scan in found_by.values() for turn in scan.turns]
        return [
            doubt
            for doubt, those in own.items()
            if doubt.whole
            and (
                not any(p == doubt.part and doubt.group.start_s < t <= doubt.group.end_s for p, t in turns_s)
                or _differs_elsewhere(doubt, [found_by[look] for look in those])
            )
        ]

    def _stepped(self, doubted: Sequence[Doubt]) -> dict[Doubt, GroupSteps]:
        return {
            doubt: GroupSteps(doubt.part, doubt.group, doubt.ends and doubt.ends[1], self.excerpts.frame_s(doubt.part))
            for doubt in doubted
        }

    def _in_groups(
        self, doubted: Sequence[Doubt], stepped: Mapping[Doubt, GroupSteps], progress: StageProgress
    ) -> list[ExcerptScan]:
        """Scan whole GOPs, or where frames that others refer to change; of some these were read already.

        A sudden change is looked at first, or only placed if it is certainly a cut whose exact frame does not matter.
        """
        if self.thorough:
            return self._scanned([(doubt.part, doubt.whole) for doubt in doubted if doubt.whole], {}, progress)
        more = self._stepped([doubt for doubt in doubted if doubt not in stepped])
        read_excerpts([*more.values()], self.excerpts, self.pool, lambda share: progress(share / 2))
        read = {**stepped, **more}
        placed, looks, spots = list[ExcerptScan](), dict[Look, StepWatch](), list[tuple[int, Span]]()
        for doubt in doubted:
            steps = read[doubt].steps
            (sudden, slow), cuts = steps.changes(), [] if self._asked(doubt.group) else steps.cuts()
            spots += [(doubt.part, spot) for spot in slow]
            places = [place for place in sudden if not any(_holds(spot, place) for spot in slow)]
            placed += [self._placed(doubt.part, place) for place in places if place in cuts]
            looks |= {Look(doubt.part, place, least_colours=CUT_COLOURS): steps for place in places if place not in cuts}
        return [*placed, *self._scanned(spots, looks, lambda share: progress((1 + share) / 2))]

    def in_steps(
        self, part: int, steps: StepWatch, views: KeyViews, others: Sequence[Reader], progress: StageProgress
    ) -> list[ExcerptScan]:
        """Place or look at the certain cuts of one part, and look at or scan the other changes where samples are unlike."""
        cuts, unlike, frame_s = steps.cuts(), views.unlike(), self.excerpts.frame_s(part)
        sudden, slow = steps.changes()

        def differs(span: Span) -> bool:
            return any(span.overlap_s(other) for other in unlike)

        spots = [spot for spot in slow if differs(spot)]
        likely = {Look(part, change): widened(change, BESIDE_SUDDEN, frame_s) for change in sudden if change not in cuts}
        likely = {look: spot for look, spot in likely.items() if differs(spot)}
        alone = [look for look in likely if not any(look.place.overlap_s(spot) for spot in spots)]
        certain = [Look(part, cut) for cut in cuts if self._asked(cut)]
        leapt = self._leapt_beside(dict.fromkeys((*certain, *alone), steps))
        unclear = [spot for look, spot in likely.items() if not leapt.get(look)]
        scanners = self._scanners([(part, spot) for spot in (*unclear, *spots)])
        seen = self._seen([look for look in certain if not leapt[look]], [*scanners, *others], progress).values()
        placed = [self._placed(part, cut) for cut in cuts if not self._asked(cut)]
        scans = [scan for scan in leapt.values() if scan]
        return [*scans, *seen, *placed, *(scanner.result() for scanner in scanners)]

    def _runs(self, doubted: Sequence[Doubt]) -> list[Scanner]:
        """A scanner of each GOP, with the frames after it that its last turn needs.

        What may change right after its first frame is judged by the frames before: then a GOP before it that is in doubt too
        is not left early.
        """
        scanners: list[Scanner] = []
        for number, doubt in enumerate(doubted):
            frame_s = self.excerpts.frame_s(doubt.part)
            span = Span(doubt.group.start_s, doubt.group.end_s + BESIDE_GROUP[1] * frame_s)
            following = doubted[number + 1] if number + 1 < len(doubted) else None
            early_s = doubt.group.end_s + EARLY * frame_s
            goes_on = following and following.part == doubt.part and any(p.end_s < early_s for p in following.places)
            scanners.append(Scanner(doubt.part, span, self.rules, None if goes_on else self._calm(doubt)))
        return scanners

    def _calm(self, doubt: Doubt) -> Calm | None:
        """When the scan of a GOP may end early; None if its motion is needed."""
        if self.thorough or doubt.ends is None:
            return None
        return Calm(max((place.end_s for place in doubt.places), default=doubt.group.start_s), doubt.ends[1])

    def _look(self, doubt: Doubt, place: Span) -> Look:
        return Look(doubt.part, place, None if self._asked(doubt.group) else self.excerpts.frame_s(doubt.part))

    def _leapt(self, own: Mapping[Doubt, Sequence[Look]]) -> dict[Look, ExcerptScan]:
        """What is found where others need not be decoded."""
        those = {doubt: looks for doubt, looks in own.items() if looks and self._leaps(doubt)}

        def one(doubt: Doubt) -> list[ExcerptScan | None]:
            next_key = (doubt.group.end_s, doubt.ends[1]) if doubt.ends else None
            return leap(those[doubt], next_key, self.excerpts)

        pairs = [
            pair
            for looks, scans in zip(those.values(), self.pool.map(one, those), strict=True)
            for pair in zip(looks, scans, strict=True)
        ]
        return {look: scan for look, scan in pairs if scan is not None}

    def _leapt_beside(self, looks: Mapping[Look, StepWatch]) -> dict[Look, ExcerptScan | None]:
        """What is found at places where the frames that others refer to were seen; None where that is not clear."""

        def one(look: Look) -> ExcerptScan | None:
            return leap_beside(looks[look], look, self.excerpts) if self.excerpts.leaps(look.part) else None

        return dict(zip(looks, self.pool.map(one, looks), strict=True))

    def _leaps(self, doubt: Doubt) -> bool:
        """Whether the places of a GOP can be looked at without decoding what is before them.

        That shows neither what else changes before a place nor whether the next key frame is a cut.
        """
        in_group = all(place.end_s < doubt.group.end_s or _ends_whole(doubt, place) for place in doubt.places)
        whole = doubt.whole and any(doubt.group.overlap_s(span) for span in self.closely)
        return in_group and not whole and self.excerpts.leaps(doubt.part)

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

    def _scanned(
        self, spots: Sequence[tuple[int, Span]], looks: Mapping[Look, StepWatch], progress: StageProgress
    ) -> list[ExcerptScan]:
        """Scan every frame of these spans by part; looks for which a leap is not enough are made in the same pass."""
        scanners, leapt = self._scanners(spots), self._leapt_beside(looks)
        seen = self._seen([look for look, scan in leapt.items() if scan is None], scanners, progress)
        leaps = [scan for scan in leapt.values() if scan]
        return [*leaps, *seen.values(), *(scanner.result() for scanner in scanners)]

    def _scanners(self, spots: Sequence[tuple[int, Span]]) -> list[Scanner]:
        """One for each of these spans by part; those that touch are one."""
        by_part: dict[int, list[Span]] = {}
        for part, spot in spots:
            by_part.setdefault(part, []).append(spot)
        merged = [(part, span) for part, those in by_part.items() for span in merge(those, max_gap_s=TOGETHER_S)]
        return [Scanner(part, span, self.rules) for part, span in merged]


def _ends_whole(doubt: Doubt, place: Span) -> bool:
    """Whether a place is the next key frame, and the GOP is searched up to that frame if nothing else is found."""
    return doubt.whole is not None and place.end_s > doubt.group.end_s


def _holds(outer: Span, inner: Span) -> bool:
    return inner.overlap_s(outer) == inner.length_s


def _differs_elsewhere(doubt: Doubt, places: Sequence[ExcerptScan]) -> bool:
    """Whether a GOP changes between its places too, such as by a dissolve just before a cut.

    key frame A   ├ place ┤    ├ place ┤   key frame B
              └─?─┘       └─?──┘       └─?─┘
    """
    if not places or doubt.ends is None:
        return False
    glimpses = [doubt.ends[0], *(end for scan in places for end in scan.ends or ()), doubt.ends[1]]
    return any(one.unlike(other) for one, other in zip(glimpses[::2], glimpses[1::2], strict=True))
