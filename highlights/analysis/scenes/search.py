"""The search for scenes: what is in doubt is looked at, and only what stays unclear is scanned frame by frame.

    key frames   K ······ K ······ K     doubts ──► looks ──► GOPs that still differ ──► spots in them ──► scans
    all P frames   P P P P P P P P P     steps ───► looks ─────────────────────────────► spots ──────────► scans

A clear cut is looked at only where its exact frame is asked for; elsewhere its packet places it, at most a few frames late.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from highlights.analysis.scenes.detect import SEEN, Turn
from highlights.analysis.scenes.doubts import Doubt, KeyViews
from highlights.analysis.scenes.fingerprint import Glimpse
from highlights.analysis.scenes.scan import SMALL_WIDTH, Excerpts, ExcerptScan, Look, Reader, Scanner, found, read_excerpts
from highlights.analysis.scenes.steps import BESIDE_STEP, StepWatch, widened
from highlights.profile import SceneRules
from highlights.progress import StageProgress
from highlights.spans import Span, merge


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
        looked = [doubt for doubt in doubted if doubt not in placed]
        places = [(doubt, place) for doubt in looked for place in doubt.places]
        seen = self._seen([(doubt.part, place) for doubt, place in places], lambda share: progress(share / 2), others)
        scans = [*seen, *(self._placed(doubt.part, doubt.places[0]) for doubt in placed)]
        turns_s = [(scan.part, turn.time_s) for scan in scans for turn in scan.turns]
        own: dict[Doubt, list[ExcerptScan]] = {doubt: [] for doubt in looked}
        for (doubt, _), scan in zip(places, seen, strict=True):
            own[doubt].append(scan)
        unexplained = [
            doubt
            for doubt in looked
            if doubt.whole
            and (
                not any(p == doubt.part and doubt.group.start_s < t <= doubt.group.end_s for p, t in turns_s)
                or _differs_elsewhere(doubt, own[doubt])
            )
        ]
        if self.thorough:
            spots = [(doubt.part, doubt.whole) for doubt in unexplained if doubt.whole]
        else:
            in_each = self.pool.map(lambda doubt: _spots(doubt, self.excerpts), unexplained)
            spots = [(doubt.part, spot) for doubt, those in zip(unexplained, in_each, strict=True) for spot in those]
        scans += self._scanned(spots, lambda share: progress((1 + share) / 2))
        return sorted(scans, key=lambda scan: scan.times_s[:1])

    def in_steps(
        self, part: int, steps: StepWatch, views: KeyViews, others: Sequence[Reader], progress: StageProgress
    ) -> list[ExcerptScan]:
        """Place or look at the certain cuts of one part, and scan the other changes where samples are unlike."""
        cuts, unlike = steps.cuts(), views.unlike()
        spots = [(part, spot) for spot in steps.spots() if any(spot.overlap_s(span) for span in unlike)]
        scanners = self._scanners(spots)
        seen = self._seen([(part, cut) for cut in cuts if self._asked(cut)], progress, [*scanners, *others])
        placed = [self._placed(part, cut) for cut in cuts if not self._asked(cut)]
        return [*seen, *placed, *(scanner.result() for scanner in scanners)]

    def _asked(self, span: Span) -> bool:
        return any(span.overlap_s(other) for other in self.exact)

    def _placed(self, part: int, place: Span) -> ExcerptScan:
        at_s = place.end_s - self.excerpts.frame_s(part) / 2
        return found(part, Turn(at_s, at_s, "cut", SEEN, exact=False))

    def _seen(
        self, places: Sequence[tuple[int, Span]], progress: StageProgress, others: Sequence[Reader] = ()
    ) -> list[ExcerptScan]:
        """What is found in each place, by looking or, where that leaves doubt, by scanning every frame around it.

        `others` are read in the same pass.
        """
        looks = [Look(part, place) for part, place in places]
        read_excerpts([*looks, *others], self.excerpts, self.pool, lambda share: progress(share / 2))
        results = [look.result() for look in looks]
        unclear = [look for look, result in zip(looks, results, strict=True) if result is None]
        frame_s = self.excerpts.frame_s
        scanners = [Scanner(k.part, widened(k.full, BESIDE_STEP, frame_s(k.part)), self.rules) for k in unclear]
        read_excerpts(scanners, self.excerpts, self.pool, lambda share: progress((1 + share) / 2))
        scans = iter(scanners)
        return [next(scans).result() if result is None else result for result in results]

    def _scanned(self, spots: Sequence[tuple[int, Span]], progress: StageProgress) -> list[ExcerptScan]:
        """Scan every frame of these spans by part."""
        scanners = self._scanners(spots)
        read_excerpts(scanners, self.excerpts, self.pool, progress)
        return [scanner.result() for scanner in scanners]

    def _scanners(self, spots: Sequence[tuple[int, Span]]) -> list[Scanner]:
        """One for each of these spans by part; those that touch are one."""
        by_part: dict[int, list[Span]] = {}
        for part, spot in spots:
            by_part.setdefault(part, []).append(spot)
        merged = [(part, span) for part, those in by_part.items() for span in merge(those, max_gap_s=TOGETHER_S)]
        return [Scanner(part, span, self.rules) for part, span in merged]


TOGETHER_S = 0.2  # two spots this close are scanned as one


def _spots(doubt: Doubt, excerpts: Excerpts) -> list[Span]:
    """Where in a GOP frames that others refer to change; nothing is looked at once one is like the next key frame."""
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
    return steps.spots(certain=True)


def _differs_elsewhere(doubt: Doubt, places: Sequence[ExcerptScan]) -> bool:
    """Whether a GOP changes between its places too, such as by a dissolve just before a cut.

    key frame A   ├ place ┤    ├ place ┤   key frame B
              └─?─┘       └─?──┘       └─?─┘
    """
    if not places or doubt.ends is None:
        return False
    glimpses = [doubt.ends[0], *(end for scan in places for end in scan.ends or ()), doubt.ends[1]]
    return any(one.unlike(other) for one, other in zip(glimpses[::2], glimpses[1::2], strict=True))
