"""What score graphics of many sports show in a few looks spread over a whole match, as text: with the clocks, pauses and scores
of each sport, in the notations of several broadcasters, without names of real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from highlights.analysis.score.sport_guess import Look

LOOKS = 8


@dataclass(frozen=True)
class Timed:
    """A sport with a game clock: `parts` of `part_s`, each stretched by stoppages, with pauses between them."""

    part_s: float
    parts: int
    stretch: tuple[float, float]
    pause_s: float
    per_part: float
    steps: tuple[int, ...]
    form: Callable[[int, float, int, int], str]
    """The text of a part's number, its seconds played, and both scores."""


def clock(seconds: float) -> str:
    """Seconds as a clock."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"


def ordinal(part: int) -> str:
    """1ST, 2ND, ..."""
    return ("1ST", "2ND", "3RD", "4TH")[part - 1]


def timed(sport: Timed, random: Random) -> list[Look]:
    """Looks at one match; the recording begins up to two minutes early, and the graphic is hidden now and then."""
    stretch, lead_s = random.uniform(*sport.stretch), random.uniform(0, 120)
    length_s = sport.part_s * stretch
    whole_s = lead_s + sport.parts * (length_s + sport.pause_s) - sport.pause_s
    goals = sorted(
        ((part + random.random()) * 1.0, random.randrange(2), random.choice(sport.steps))
        for part in range(sport.parts)
        for _ in range(_many(sport.per_part, random))
    )
    looks = []
    for number in range(LOOKS):
        time_s = (number + 0.5) / LOOKS * whole_s
        part, into_s = divmod(time_s - lead_s, length_s + sport.pause_s)
        if into_s < length_s and time_s >= lead_s and random.random() > 0.1:
            done = part + into_s / length_s
            scores = [sum(step for at, side, step in goals if at < done and side == each) for each in (0, 1)]
            looks.append(Look(time_s, (sport.form(int(part) + 1, into_s / stretch, *scores),)))
    return looks


def _many(average: float, random: Random) -> int:
    return max(0, round(random.gauss(average, average**0.5)))


def _up(sport_s: float) -> Callable[[int, float, int, int], str]:
    return lambda part, s, a, b: f"ELK {a}-{b} JAY {clock((part - 1) * sport_s + s)}"


TIMED: dict[str, list[Timed]] = {
    "soccer": [
        Timed(2820, 2, (1, 1), 900, 1.4, (1,), lambda p, s, a, b: f"{clock((p - 1) * 2700 + s)} ELK {a} {b} JAY"),
        Timed(2820, 2, (1, 1), 900, 1.4, (1,), lambda p, s, a, b: f"ELK {a}-{b} JAY {clock((p - 1) * 2700 + s)}"),
    ],
    "handball": [
        Timed(1800, 2, (1.1, 1.3), 600, 28, (1,), lambda p, s, a, b: f"ELK {a}:{b} JAY {clock((p - 1) * 1800 + s)}"),
        Timed(1800, 2, (1.1, 1.3), 600, 28, (1,), lambda p, s, a, b: f"{clock((p - 1) * 1800 + s)} ELK {a} JAY {b}"),
    ],
    "rugby": [
        Timed(2500, 2, (1, 1.15), 800, 4.5, (3, 3, 5, 7, 7), lambda p, s, a, b: f"{clock((p - 1) * 2400 + s)} ELK {a} {b} JAY"),
    ],
    "ice_hockey": [
        Timed(1200, 3, (1.8, 2.1), 1080, 2, (1,), lambda p, s, a, b: f"ELK {a} JAY {b} {ordinal(p)} {clock(1200 - s)}"),
        Timed(1200, 3, (1.8, 2.1), 1080, 2, (1,), lambda p, s, a, b: f"P{p} {clock(1200 - s)} ELK {a}-{b} JAY"),
        Timed(1200, 3, (1.8, 2.1), 1080, 2, (1,), lambda p, s, a, b: f"P{p} {clock(s)} ELK {a}-{b} JAY"),
        Timed(1200, 3, (1.8, 2.1), 1080, 2, (1,), lambda p, s, a, b: f"ELK {a} {b} JAY {clock((p - 1) * 1200 + s)}"),
    ],
    "basketball": [
        Timed(
            720, 4, (2.4, 3), 300, 26, (1, 2, 2, 2, 3), lambda p, s, a, b: f"ELK {a} JAY {b} {ordinal(p)} {clock(720 - s)} 14"
        ),
        Timed(600, 4, (2.2, 3), 300, 20, (1, 2, 2, 2, 3), lambda p, s, a, b: f"ELK {a}:{b} JAY Q{p} {clock(600 - s)}"),
        Timed(480, 4, (1.5, 2), 120, 9, (1, 2, 2, 2, 3), lambda p, s, a, b: f"ELK {a}:{b} JAY Q{p} {clock(480 - s)}"),
        Timed(1200, 2, (2, 2.4), 900, 36, (1, 2, 2, 3), lambda p, s, a, b: f"ELK {a} JAY {b} {ordinal(p)} {clock(1200 - s)}"),
    ],
    "american_football": [
        Timed(
            900, 4, (3, 3.4), 300, 2.2, (3, 7, 7), lambda p, s, a, b: f"ELK {a} JAY {b} {ordinal(p)} {clock(900 - s)} 2ND & 7"
        ),
        Timed(900, 4, (3, 3.4), 300, 2.2, (3, 7, 7), lambda p, s, a, b: f"ELK {a} JAY {b} {ordinal(p)} {clock(900 - s)}"),
        Timed(900, 4, (3, 3.4), 300, 2.5, (3, 6, 7, 8), lambda p, s, a, b: f"ELK {a} JAY {b} Q{p} {clock(900 - s)}"),
    ],
    "futsal": [
        Timed(1200, 2, (1.7, 2.2), 600, 3, (1,), lambda p, s, a, b: f"ELK {a} JAY {b} {clock(1200 - s)} {p}H"),
        Timed(1200, 2, (1.7, 2.2), 600, 3, (1,), lambda p, s, a, b: f"ELK {a} JAY {b} {clock(1200 - s)}"),
        Timed(1200, 2, (1.7, 2.2), 600, 3, (1,), lambda p, s, a, b: f"ELK {a} JAY {b} {clock((p - 1) * 1200 + s)}"),
    ],
    "": [  # sports without a profile
        Timed(
            900, 4, (1.5, 1.9), 180, 5, (1,), lambda p, s, a, b: f"ELK {a} JAY {b} {ordinal(p)} {clock(900 - s)}"
        ),  # lacrosse
        Timed(480, 4, (2, 2.5), 180, 5, (1,), lambda p, s, a, b: f"ELK {a} JAY {b} Q{p} {clock(480 - s)}"),  # water polo
        Timed(900, 4, (1.1, 1.3), 180, 1, (1,), lambda p, s, a, b: f"ELK {a} JAY {b} Q{p} {clock(900 - s)}"),  # field hockey
        Timed(2400, 2, (1, 1.15), 800, 4, (2, 4, 6, 6), lambda p, s, a, b: f"{clock((p - 1) * 2400 + s)} ELK {a} {b} JAY"),
        Timed(900, 4, (1, 1.2), 180, 14, (1, 1, 2), lambda p, s, a, b: f"ELK {a} JAY {b} Q{p} {clock(900 - s)}"),  # netball
    ],
}


def rallies(random: Random, to: int, last_to: int, wins: int, most: int, form: Callable[..., tuple[str, ...]]) -> list[Look]:
    """Looks at a match of sets to so many points, won with a lead of 2."""
    history: list[tuple[list[tuple[int, int]], int, int]] = []
    finished: list[tuple[int, int]] = []
    sets = [0, 0]
    skill = random.uniform(0.42, 0.58)
    while max(sets) < wins:
        points, goal = [0, 0], last_to if sum(sets) == 2 * wins - 2 else to
        while not (max(points) >= goal and (abs(points[0] - points[1]) >= 2 or max(points) == most)):
            history.append((list(finished), points[0], points[1]))
            points[random.random() < skill] += 1
        sets[points[1] > points[0]] += 1
        finished.append((points[0], points[1]))
        history.append((list(finished[:-1]), points[0], points[1]))
    at = [int((n + 0.5) / LOOKS * len(history)) for n in range(LOOKS)]
    return [Look(10.0 * i, form(*history[i])) for i in at]


def won(finished: list[tuple[int, int]]) -> tuple[int, int]:
    """Sets won by each side."""
    return sum(a > b for a, b in finished), sum(b > a for a, b in finished)


def sets_and_points(finished: list[tuple[int, int]], a: int, b: int) -> tuple[str, ...]:
    """Two rows: the sets won and the points."""
    one, two = won(finished)
    return f"ELK {one} {a}", f"JAY {two} {b}"


def one_row(finished: list[tuple[int, int]], a: int, b: int) -> tuple[str, ...]:
    """One row: sets, points, points, sets."""
    one, two = won(finished)
    return (f"ELK {one} {a} {b} {two} JAY",)


def every_set(finished: list[tuple[int, int]], a: int, b: int) -> tuple[str, ...]:
    """Two rows: the points of each set."""
    return " ".join(["ELK", *(str(one) for one, _ in finished), str(a)]), " ".join(
        ["JAY", *(str(two) for _, two in finished), str(b)]
    )


def with_discipline(finished: list[tuple[int, int]], a: int, b: int) -> tuple[str, ...]:
    """As `every_set`, with the discipline of badminton."""
    one, two = every_set(finished, a, b)
    return "WD 31'", one, two


def tennis(random: Random, *, all_sets: bool, best: int = 2) -> list[Look]:
    """Looks at a match of tennis: games of each set or sets won, games, points."""
    history: list[tuple[str, ...]] = []
    finished: list[tuple[int, int]] = []
    skill = random.uniform(0.45, 0.55)
    while max(won(finished)) < best:
        games = [0, 0]
        while not (max(games) >= 6 and abs(games[0] - games[1]) >= 2) and max(games) < 7:
            points = [0, 0]
            while not (max(points) >= 4 and abs(points[0] - points[1]) >= 2):
                shown = _called(*points)
                before = [tuple(map(str, each)) for each in finished] if all_sets else [tuple(map(str, won(finished)))]
                columns = [*before, tuple(map(str, games)), shown]
                history.append(
                    tuple(f"{name} {' '.join(c[side] for c in columns)}" for side, name in enumerate(("ELK", "JAY")))
                )
                points[random.random() < skill] += 1
            games[points[1] > points[0]] += 1
        finished.append((games[0], games[1]))
    return [Look(10.0 * n, history[int((n + 0.5) / LOOKS * len(history))]) for n in range(LOOKS)]


def _called(a: int, b: int) -> tuple[str, str]:
    if min(a, b) >= 3:
        return ("AD" if a > b else "40"), ("AD" if b > a else "40")
    return ("0", "15", "30", "40")[min(a, 3)], ("0", "15", "30", "40")[min(b, 3)]


def matches(seed: int) -> Iterator[tuple[str, str, list[Look]]]:
    """A match of every sport in every form: the sport, `` if it has no profile, a name of the form, and the looks."""
    random = Random(seed)
    for sport, forms in TIMED.items():
        for number, form in enumerate(forms):
            yield sport, f"{sport}-{number}", timed(form, random)
    for form in (sets_and_points, one_row, every_set):
        name = form.__name__
        yield "volleyball", f"volleyball-{name}", rallies(random, 25, 15, 3, 99, form)
        yield "badminton", f"badminton-{name}", rallies(random, 21, 21, 2, 30, form)
        yield "", f"table_tennis-{name}", rallies(random, 11, 11, 4, 99, form)
        yield "", f"beach_volleyball-{name}", rallies(random, 21, 15, 2, 99, form)
        yield "", f"squash-{name}", rallies(random, 11, 11, 3, 99, form)
    yield "badminton", "badminton-with_discipline", rallies(random, 21, 21, 2, 30, with_discipline)
    yield "tennis", "tennis-sets", tennis(random, all_sets=False)
    yield "tennis", "tennis-all_sets", tennis(random, all_sets=True, best=3)
