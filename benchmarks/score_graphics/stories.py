"""The content of the drawn score graphics: who scores when, and the texts of clocks and other fields."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.score_graphics.drawing import Counters, Story


def versus(start: tuple[int, int], *moves: tuple[float, int, int], **fields: Callable[[float, Counters], str]) -> Story:
    """A score of two sides, as its start and (time, home, away) of each change."""
    states = [(0.0, start), *((time_s, (home, away)) for time_s, home, away in moves)]
    return Story(tuple((t, {"home": h, "away": a}) for t, (h, a) in states), fields)


def counted(names: str, *moves: tuple[float, str], **fields: Callable[[float, Counters], str]) -> Story:
    """Any counters, with each state as numbers in the order of the names."""
    keys = names.split()
    return Story(tuple((t, dict(zip(keys, map(int, values.split()), strict=True))) for t, values in moves), fields)


def up(start_s: float) -> Callable[[float, Counters], str]:
    """A clock that counts up."""
    return lambda t, _: f"{int(start_s + t) // 60:02d}:{int(start_s + t) % 60:02d}"


def down(start_s: float) -> Callable[[float, Counters], str]:
    """A clock that counts down, with tenths in its last minute."""

    def text(t: float, _: Counters) -> str:
        left = max(0.0, start_s - t)
        return f"{int(left) // 60}:{int(left) % 60:02d}" if left >= 60 else f"{left:.1f}"

    return text


def turns(every_s: float, *texts: str) -> Callable[[float, Counters], str]:
    """A field that shows the texts in turn."""
    return lambda t, _: texts[int(t / every_s) % len(texts)]


SOCCER = versus((0, 0), (9.6, 1, 0), (21.0, 1, 1), (33.2, 2, 1), clock=up(760), added=up(130))
LATE = versus((1, 1), (26.4, 2, 1), clock=up(2460))
QUIET = versus((2, 1), clock=up(760))
BASKETBALL = versus(
    (49, 38),
    (4.4, 49, 40),
    (8.0, 52, 40),
    (12.4, 52, 41),
    (13.6, 52, 42),
    (20.0, 54, 42),
    (25.2, 54, 45),
    (31.2, 55, 45),
    (36.0, 57, 45),
    clock=down(75),
    long=down(599),
    shot=lambda t, _: str(24 - int(t) % 24),
    period=lambda t, _: "3RD",
)
HOCKEY = versus((0, 1), (8.4, 1, 1), (22.4, 2, 1), (33.6, 2, 2), clock=down(1122))
FUTSAL = versus((3, 2), (8.4, 4, 2), (22.4, 4, 3), (33.6, 5, 3), clock=down(722))
HANDBALL = versus((20, 18), (5.6, 21, 18), (12.4, 21, 19), (18.8, 22, 19), (28.8, 22, 20), (35.2, 23, 20), clock=up(2310))
HANDBALL_EARLY = versus((0, 0), (5.6, 1, 0), (12.4, 1, 1), (18.8, 2, 1), (28.8, 2, 2), (35.2, 3, 2), clock=up(31))
FOOTBALL = versus(
    (14, 10),
    (12.4, 14, 13),
    (25.2, 20, 13),
    (33.2, 21, 13),
    clock=down(452),
    down=turns(6, "1ST & 10", "2ND & 7", "3RD & 2", "4TH & 1"),
    play=lambda t, _: f":{40 - int(t) % 25:02d}",
)
RUGBY = versus((10, 7), (9.2, 15, 7), (15.2, 17, 7), (29.6, 17, 10), clock=up(2210))
BASEBALL = versus(
    (3, 2),
    (12.4, 4, 2),
    (29.2, 4, 4),
    count=turns(2.6, "0-0", "1-0", "1-1", "1-2", "2-2", "0-0", "0-1"),
    outs=turns(9, "0 OUT", "1 OUT", "2 OUT"),
    inning=lambda t, _: "TOP 7" if t < 20 else "BOT 7",
    pitches=lambda t, _: str(45 + int(t / 2.6)),
)
CRICKET = counted(
    "runs wickets balls",
    (0, "128 3 92"),
    (5.6, "129 3 93"),
    (11.6, "133 3 94"),
    (18.0, "133 4 95"),
    (24.4, "133 4 96"),
    (30.0, "139 4 97"),
    (35.6, "141 4 98"),
    overs=lambda t, c: f"{c['balls'] // 6}.{c['balls'] % 6}",
    need=lambda t, c: str(186 - c["runs"]),
    batsman=lambda t, c: str(c["runs"] - 84),
    faced=lambda t, c: str(c["balls"] - 58),
)
TENNIS_POINT = {0: "0", 15: "15", 30: "30", 40: "40", 50: "AD"}
TENNIS = counted(
    "home_sets away_sets home_games away_games home_points away_points",
    (0, "1 0 4 3 15 0"),
    (4.4, "1 0 4 3 30 0"),
    (9.2, "1 0 4 3 30 15"),
    (13.2, "1 0 4 3 40 15"),
    (17.6, "1 0 4 3 40 30"),
    (21.6, "1 0 5 3 0 0"),
    (27.6, "1 0 5 3 0 15"),
    (32.0, "1 0 5 3 15 15"),
    (36.0, "1 0 5 3 15 30"),
    hp=lambda t, c: TENNIS_POINT[c["home_points"]],
    ap=lambda t, c: TENNIS_POINT[c["away_points"]],
)
DEUCE = counted(
    "home_sets away_sets home_games away_games home_points away_points",
    (0, "0 1 2 2 30 40"),
    (4.4, "0 1 2 2 40 40"),
    (9.2, "0 1 2 2 50 40"),
    (14.4, "0 1 2 2 40 40"),
    (19.2, "0 1 2 2 40 50"),
    (24.4, "0 1 2 3 0 0"),
    (30.4, "0 1 2 3 15 0"),
    (35.6, "0 1 2 3 30 0"),
    hp=lambda t, c: TENNIS_POINT[c["home_points"]],
    ap=lambda t, c: TENNIS_POINT[c["away_points"]],
)
VOLLEYBALL = counted(
    "home_sets away_sets home_points away_points",
    (0, "1 1 22 21"),
    (4.4, "1 1 23 21"),
    (9.2, "1 1 23 22"),
    (13.6, "1 1 24 22"),
    (18.0, "2 1 0 0"),
    (24.4, "2 1 1 0"),
    (28.8, "2 1 1 1"),
    (33.2, "2 1 1 2"),
    (37.2, "2 1 2 2"),
)
BADMINTON = counted(
    "home_sets away_sets home_points away_points",
    (0, "0 0 17 15"),
    (4.4, "0 0 18 15"),
    (9.2, "0 0 19 15"),
    (13.6, "0 0 20 15"),
    (18.0, "0 0 20 16"),
    (22.4, "1 0 0 0"),
    (28.4, "1 0 0 1"),
    (32.8, "1 0 1 1"),
    (36.8, "1 0 1 2"),
)
