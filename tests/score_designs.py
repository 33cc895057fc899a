"""The score graphics that are tried: one line each, by sport, look, and what else is on the picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from PIL import Image, ImageDraw

from highlights import profile
from highlights.profile import ScoreboardRules
from tests.score_graphics import Cell, Counters, Design, Painter, Story, letters

Row = tuple[Cell, ...]


def versus(start: tuple[int, int], *moves: tuple[float, int, int], **fields: Callable[[float, Counters], str]) -> Story:
    """A score of two sides and when it became what."""
    states = [(0.0, start), *((time_s, (home, away)) for time_s, home, away in moves)]
    return Story(tuple((t, {"home": h, "away": a}) for t, (h, a) in states), fields)


def counted(names: str, *moves: tuple[float, str], **fields: Callable[[float, Counters], str]) -> Story:
    """Any counters, each state as numbers in the order of the names."""
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
    """A field that shows one text after the other."""
    return lambda t, _: texts[int(t / every_s) % len(texts)]


@lru_cache
def rules(sport: str) -> ScoreboardRules:
    """How the score of a sport may move."""
    return profile.load(sport).scoreboard


def cells(*texts: str, ink: str = "white", ground: str = "") -> Row:
    """Cells of one look."""
    return tuple(Cell(text, ink, ground) for text in texts)


def boxed(row: Row, ink: str, ground: str) -> Row:
    """The same row with its numbers in boxes of another colour."""
    return tuple(replace(c, ink=ink, ground=ground) if "{home}" in c.text or "{away}" in c.text else c for c in row)


SOCCER = versus((0, 0), (9.6, 1, 0), (21.0, 1, 1), (33.2, 2, 1), clock=up(760), added=up(130))
LATE = versus((1, 1), (26.4, 2, 1), clock=up(2460))
QUIET = versus((2, 1), clock=up(760))
BASKETBALL = versus(
    (49, 38), (4.4, 49, 40), (8.0, 52, 40), (12.4, 52, 41), (13.6, 52, 42), (20.0, 54, 42), (25.2, 54, 45), (31.2, 55, 45), (36.0, 57, 45),
    clock=down(75), long=down(599), shot=lambda t, _: str(24 - int(t) % 24), period=lambda t, _: "3RD",
)  # fmt: skip
HOCKEY = versus((0, 1), (8.4, 1, 1), (22.4, 2, 1), (33.6, 2, 2), clock=down(1122))
FUTSAL = versus((3, 2), (8.4, 4, 2), (22.4, 4, 3), (33.6, 5, 3), clock=down(722))
HANDBALL = versus((20, 18), (5.6, 21, 18), (12.4, 21, 19), (18.8, 22, 19), (28.8, 22, 20), (35.2, 23, 20), clock=up(2310))
HANDBALL_EARLY = versus((0, 0), (5.6, 1, 0), (12.4, 1, 1), (18.8, 2, 1), (28.8, 2, 2), (35.2, 3, 2), clock=up(31))
FOOTBALL = versus(
    (14, 10), (12.4, 14, 13), (25.2, 20, 13), (33.2, 21, 13),
    clock=down(452), down=turns(6, "1ST & 10", "2ND & 7", "3RD & 2", "4TH & 1"), play=lambda t, _: f":{40 - int(t) % 25:02d}",
)  # fmt: skip
RUGBY = versus((10, 7), (9.2, 15, 7), (15.2, 17, 7), (29.6, 17, 10), clock=up(2210))
BASEBALL = versus(
    (3, 2), (12.4, 4, 2), (29.2, 4, 4),
    count=turns(2.6, "0-0", "1-0", "1-1", "1-2", "2-2", "0-0", "0-1"), outs=turns(9, "0 OUT", "1 OUT", "2 OUT"),
    inning=lambda t, _: "TOP 7" if t < 20 else "BOT 7", pitches=lambda t, _: str(45 + int(t / 2.6)),
)  # fmt: skip
CRICKET = counted(
    "runs wickets balls", (0, "128 3 92"), (5.6, "129 3 93"), (11.6, "133 3 94"), (18.0, "133 4 95"), (24.4, "133 4 96"),
    (30.0, "139 4 97"), (35.6, "141 4 98"),
    overs=lambda t, c: f"{c['balls'] // 6}.{c['balls'] % 6}", need=lambda t, c: str(186 - c["runs"]),
    batsman=lambda t, c: str(c["runs"] - 84), faced=lambda t, c: str(c["balls"] - 58),
)  # fmt: skip
TENNIS_POINT = {0: "0", 15: "15", 30: "30", 40: "40", 50: "AD"}
TENNIS = counted(
    "home_sets away_sets home_games away_games home_points away_points", (0, "1 0 4 3 15 0"), (4.4, "1 0 4 3 30 0"),
    (9.2, "1 0 4 3 30 15"), (13.2, "1 0 4 3 40 15"), (17.6, "1 0 4 3 40 30"), (21.6, "1 0 5 3 0 0"), (27.6, "1 0 5 3 0 15"),
    (32.0, "1 0 5 3 15 15"), (36.0, "1 0 5 3 15 30"),
    hp=lambda t, c: TENNIS_POINT[c["home_points"]], ap=lambda t, c: TENNIS_POINT[c["away_points"]],
)  # fmt: skip
DEUCE = counted(
    "home_sets away_sets home_games away_games home_points away_points", (0, "0 1 2 2 30 40"), (4.4, "0 1 2 2 40 40"),
    (9.2, "0 1 2 2 50 40"), (14.4, "0 1 2 2 40 40"), (19.2, "0 1 2 2 40 50"), (24.4, "0 1 2 3 0 0"), (30.4, "0 1 2 3 15 0"),
    (35.6, "0 1 2 3 30 0"),
    hp=lambda t, c: TENNIS_POINT[c["home_points"]], ap=lambda t, c: TENNIS_POINT[c["away_points"]],
)  # fmt: skip
VOLLEYBALL = counted(
    "home_sets away_sets home_points away_points", (0, "1 1 22 21"), (4.4, "1 1 23 21"), (9.2, "1 1 23 22"), (13.6, "1 1 24 22"),
    (18.0, "2 1 0 0"), (24.4, "2 1 1 0"), (28.8, "2 1 1 1"), (33.2, "2 1 1 2"), (37.2, "2 1 2 2"),
)  # fmt: skip
BADMINTON = counted(
    "home_sets away_sets home_points away_points", (0, "0 0 17 15"), (4.4, "0 0 18 15"), (9.2, "0 0 19 15"), (13.6, "0 0 20 15"),
    (18.0, "0 0 20 16"), (22.4, "1 0 0 0"), (28.4, "1 0 0 1"), (32.8, "1 0 1 1"), (36.8, "1 0 1 2"),
)  # fmt: skip

PLAIN = cells("ARS", "{home}", "{away}", "CHE", "{clock}")
CLOCK_FIRST = cells("{clock}", "ARS", "{home}-{away}", "CHE")
STACKED = ((Cell("ARS", room=3), Cell("{home}")), (Cell("CHE", room=3), Cell("{away}")))


def text(words: str | Callable[[float], str], at: tuple[float, float], px: int = 26, ink: str = "white", ground: str = "#203060") -> Painter:
    """A text that is no score, at a share of the picture."""

    def paint(picture: Image.Image, time_s: float) -> None:
        shown = words if isinstance(words, str) else words(time_s)
        if not shown:
            return
        draw, font = ImageDraw.Draw(picture), letters("", px)
        middle = (at[0] * picture.width, at[1] * picture.height)
        x0, y0, x1, y1 = draw.textbbox(middle, shown, font=font, anchor="mm")
        if ground:
            draw.rectangle((x0 - px // 2, y0 - px // 3, x1 + px // 2, y1 + px // 3), fill=ground)
        draw.text(middle, shown, font=font, fill=ink, anchor="mm")

    return paint


def now_and_then(words: str, *spans: tuple[float, float]) -> Callable[[float], str]:
    """A text shown in some spells only."""
    return lambda t: words if any(a <= t < b for a, b in spans) else ""


RESULTS = ("MUN 2-1 LIV  72'", "RMA 0-3 BAR  55'", "JUV 1-1 INT  90'", "BAY 4-0 BVB  61'", "PSG 2-2 LYO  33'")
TICKER = text(lambda t: RESULTS[int(t / 5) % len(RESULTS)], (0.5, 0.95))
CHANNEL = text("SPORT 1 HD", (0.9, 0.06), 24, ground="")
ADVERT = text("BREWERY EST. 1899", (0.75, 0.55), 34, "#402000", "#f0d020")
SPONSOR_CLOCK = text(lambda t: f"19:{43 + int((t + 20) / 60)}", (0.93, 0.93), 24)
LOWER_THIRD = text(now_and_then("42  J. SMITH   3 GOALS   11 SHOTS", (5, 9), (17, 20), (30, 35)), (0.35, 0.82), 34)
HALF_TIME = text(now_and_then("POSSESSION 54 - 46   SHOTS 7 - 3", (12, 17), (27, 30)), (0.5, 0.8), 30)


def _design(name: str, sport: str, story: Story, *rows: Row, **more: object) -> Design:
    return Design(name, rules(sport), story, rows, **more)  # type: ignore[arg-type]


def _looks() -> list[Design]:
    plain = _design("plain", "soccer", SOCCER, PLAIN)
    return [
        plain,
        replace(plain, name="clock first", rows=(CLOCK_FIRST,)),
        replace(plain, name="dash with blanks", rows=(cells("ARS", "{home} - {away}", "CHE", "{clock}"),)),
        replace(plain, name="long dash", font="DejaVuSans", rows=(cells("ARS", "{home}–{away}", "CHE", "{clock}"),)),
        replace(plain, name="colon", rows=(cells("ARS", "{home}:{away}", "CHE", "{clock}"),)),
        replace(plain, name="no clock", rows=(cells("ARS", "{home}", "{away}", "CHE"),)),
        replace(plain, name="two rows", rows=STACKED),
        replace(plain, name="two rows and clock", rows=(*STACKED, cells("{clock}"))),
        replace(plain, name="white boxes", rows=(boxed(PLAIN, "black", "white"),)),
        replace(plain, name="yellow boxes in two rows", rows=tuple(boxed(r, "black", "#ffd800") for r in STACKED)),
        replace(plain, name="dark on light", rows=(cells(*(c.text for c in PLAIN), ink="#101010"),), plate="#f0f0f0"),
        replace(plain, name="half transparent", opacity=0.5, bold=1),
        replace(plain, name="nearly transparent", opacity=0.3, bold=1, text_px=32),
        replace(plain, name="small", text_px=18, place=(0.14, 0.07)),
        replace(plain, name="large", text_px=52, place=(0.3, 0.1)),
        replace(plain, name="bottom right", place=(0.82, 0.92)),
        replace(plain, name="bottom left", place=(0.16, 0.9), rows=(CLOCK_FIRST,)),
        replace(plain, name="bottom middle", place=(0.5, 0.92), rows=(boxed(CLOCK_FIRST, "white", "#b01020"),)),
        replace(
            plain, name="full width", place=(0.5, 0.95),
            rows=((Cell("ARSENAL", room=12), Cell("{home}", room=5), Cell("{clock}", room=8), Cell("{away}", room=5), Cell("CHELSEA", room=12)),),
        ),  # fmt: skip
        replace(plain, name="bold", bold=1),
        *(
            replace(plain, name=font, font=font)
            for font in ("DejaVuSerif", "DejaVuSansMono-Bold", "DejaVuSansCondensed-Bold", "LiberationSansNarrow-Bold", "LiberationSerif-Regular")
        ),
        replace(plain, name="added time", rows=(cells("ARS", "{home}-{away}", "CHE", "90:00", "+{added}"),)),
        replace(plain, name="logos", rows=(cells("{home}", "{away}", "{clock}"),)),
        replace(plain, name="logos with dash", rows=(cells("{home} - {away}", "{clock}"),)),
        replace(plain, name="period before clock", rows=(cells("ARS", "{home}", "{away}", "CHE", "2ND", "{clock}"),)),
    ]


def _names() -> list[Design]:
    sides = {
        "cyrillic": ("СПАРТАК", "ЗЕНИТ"), "greek": ("ΟΛΥΜΠΙΑΚΟΣ", "ΠΑΟΚ"), "arabic": ("الهلال", "النصر"), "accents": ("ŠKODA", "MÜNCHEN"),
        "digits in names": ("U21", "S04"), "more digits": ("1860", "SCHALKE 04"), "long": ("MANCHESTER UNITED", "TOTTENHAM HOTSPUR"),
    }  # fmt: skip
    return [
        _design(f"names {name}", "soccer", SOCCER, cells(h, "{home}", "{away}", a, "{clock}"), font="DejaVuSans-Bold", text_px=24, place=(0.3, 0.08))
        for name, (h, a) in sides.items()
    ] + [
        _design(f"names {name} in two rows", "soccer", SOCCER, (Cell(h, room=9), Cell("{home}")), (Cell(a, room=9), Cell("{away}")), font="DejaVuSans-Bold", place=(0.2, 0.1))
        for name, (h, a) in sides.items()
        if name != "long"
    ]  # fmt: skip


def _sports() -> list[Design]:
    basket = cells("PHX", "{home}", "LAL", "{away}", "3RD", "{clock}", "{shot}")
    return [
        _design("basketball", "basketball", BASKETBALL, basket, place=(0.5, 0.9)),
        _design("basketball two rows", "basketball", BASKETBALL, cells("PHX", "{home}"), cells("LAL", "{away}"), cells("Q3", "{clock}", "{shot}")),
        _design("basketball fouls", "basketball", BASKETBALL, cells("PHX", "{home}", "F 3", "{long}", "3RD", "LAL", "{away}", "F 5", "T 2"), place=(0.5, 0.9)),
        _design("ice hockey", "ice_hockey", HOCKEY, cells("BOS", "{home}", "NYR", "{away}", "2ND", "{clock}")),
        _design("ice hockey P2", "ice_hockey", HOCKEY, cells("P2", "{clock}", "TAPPARA", "{home}-{away}", "ILVES"), place=(0.25, 0.08)),
        _design("futsal", "futsal", FUTSAL, cells("BRA", "{home}", "ARG", "{away}", "{clock}", "1H")),
        _design("handball", "handball", HANDBALL, cells("THW", "{home}:{away}", "SGF", "{clock}")),
        _design("handball early", "handball", HANDBALL_EARLY, cells("THW", "{home}:{away}", "SGF", "{clock}")),
        _design("handball clock first", "handball", HANDBALL, cells("{clock}", "THW", "{home}:{away}", "SGF")),
        _design("handball without clock", "handball", HANDBALL, cells("THW", "{home}:{away}", "SGF")),
        _design("american football", "american_football", FOOTBALL, cells("KC", "{home}", "BUF", "{away}", "2ND", "{clock}", "{play}", "{down}"), place=(0.5, 0.92)),
        _design("american football ranks", "american_football", FOOTBALL, cells("#4 OSU", "{home}", "#11 ND", "{away}", "4TH", "{clock}", "{down}"), place=(0.5, 0.92)),
        _design("rugby", "rugby", RUGBY, cells("{clock}", "NZL", "{home}", "{away}", "RSA")),
        _design("rugby two rows", "rugby", RUGBY, cells("NZL", "{home}"), cells("RSA", "{away}"), cells("{clock}")),
        _design("baseball", "baseball", BASEBALL, cells("NYY", "{home}", "BOS", "{away}", "{inning}", "{count}", "{outs}", "P {pitches}"), place=(0.4, 0.08)),
        _design("baseball two rows", "baseball", BASEBALL, cells("NYY", "{home}"), cells("BOS", "{away}"), cells("{inning}", "{count}", "{outs}")),
        _design("cricket", "cricket", CRICKET, cells("IND", "{runs}/{wickets}", "({overs})")),
        _design("cricket dash", "cricket", CRICKET, cells("IND", "{runs}-{wickets}", "{overs}")),
        _design("cricket turned", "cricket", CRICKET, cells("AUS", "{wickets}-{runs}", "{overs}", "OV")),
        _design(
            "cricket bar", "cricket", CRICKET, cells("IND", "{runs}/{wickets}", "OVERS {overs}", "KOHLI {batsman} ({faced})", "NEED {need}", "CRR 8.4"), place=(0.5, 0.93)
        ),
        _design(
            "cricket two rows", "cricket", CRICKET, cells("IND {runs}-{wickets}", "{overs} OV"), cells("KOHLI {batsman} ({faced})", "SHARMA 31 (22)"), place=(0.3, 0.9)
        ),
        _design("tennis", "tennis", TENNIS, cells("SINNER", "{home_sets}", "{home_games}", "{hp}"), cells("ALCARAZ", "{away_sets}", "{away_games}", "{ap}")),
        _design("tennis deuce", "tennis", DEUCE, (Cell("SINNER", room=5), *cells("{home_sets}", "{home_games}"), Cell("{hp}", room=2)), (Cell("ALCARAZ", room=5), *cells("{away_sets}", "{away_games}"), Cell("{ap}", room=2))),
        _design("tennis boxes", "tennis", TENNIS, (Cell("SINNER", room=6), Cell("{home_sets}"), Cell("{home_games}"), Cell("{hp}", "black", "#d0e020", 2)), (Cell("ALCARAZ", room=6), Cell("{away_sets}"), Cell("{away_games}"), Cell("{ap}", "black", "#d0e020", 2))),
        _design("volleyball", "volleyball", VOLLEYBALL, (Cell("ITA", room=3), *cells("{home_sets}"), Cell("{home_points}", room=2)), (Cell("POL", room=3), *cells("{away_sets}"), Cell("{away_points}", room=2))),
        _design("volleyball one row", "volleyball", VOLLEYBALL, cells("ITA", "{home_sets}", "{home_points}", "{away_points}", "{away_sets}", "POL")),
        _design("volleyball colon", "volleyball", VOLLEYBALL, cells("ITA", "{home_points}:{away_points}", "POL", "{home_sets}-{away_sets}")),
        _design("badminton", "badminton", BADMINTON, (Cell("AXELSEN", room=6), *cells("{home_sets}"), Cell("{home_points}", "black", "white", 2)), (Cell("MOMOTA", room=6), *cells("{away_sets}"), Cell("{away_points}", "black", "white", 2))),
    ]  # fmt: skip


def _around() -> list[Design]:
    plain = _design("", "soccer", SOCCER, PLAIN)
    gone = replace(plain, name="no graphic", hidden=((0, 99),))
    rare = ((0, 8), (12, 20), (24, 32), (36, 38))
    return [
        replace(plain, name="ticker", extras=(TICKER, CHANNEL)),
        replace(plain, name="adverts and clocks", extras=(ADVERT, SPONSOR_CLOCK, CHANNEL)),
        replace(plain, name="lower thirds", extras=(LOWER_THIRD, HALF_TIME, CHANNEL)),
        replace(plain, name="everything", extras=(TICKER, ADVERT, SPONSOR_CLOCK, CHANNEL, LOWER_THIRD, HALF_TIME), rows=(CLOCK_FIRST,)),
        replace(plain, name="ticker below", place=(0.5, 0.88), extras=(TICKER,)),
        replace(plain, name="ticker below, no clock", place=(0.5, 0.88), rows=(cells("ARS", "{home}", "{away}", "CHE"),), extras=(TICKER,)),
        replace(plain, name="hidden in replays", hidden=((8, 13), (22, 25), (28.5, 31.5))),
        replace(plain, name="shown now and then", hidden=rare, story=LATE),
        replace(plain, name="late", hidden=((0, 8),)),
        replace(plain, name="moves", later=(18.0, replace(plain, place=(0.8, 0.9)))),
        replace(plain, name="other design", later=(18.0, replace(plain, rows=(cells(*(c.text for c in CLOCK_FIRST), ink="black"),), plate="#e0e0e0", place=(0.2, 0.09)))),
        replace(plain, name="nothing happens", story=QUIET, extras=(TICKER, SPONSOR_CLOCK)),
        replace(plain, name="static camera", still=True),
        _no_score(replace(gone, name="static camera, no graphic", still=True, extras=(ADVERT, CHANNEL))),
        _no_score(replace(gone, name="only a ticker", extras=(TICKER, CHANNEL, ADVERT))),
        _no_score(replace(gone, name="only a clock", extras=(SPONSOR_CLOCK, LOWER_THIRD, HALF_TIME))),
    ]


def _no_score(design: Design) -> Design:
    return replace(design, story=Story(SOCCER.states[:1], SOCCER.fields))


def _sizes() -> list[Design]:
    plain = _design("", "soccer", SOCCER, PLAIN)
    return [
        replace(plain, name="360p", size=(640, 360), text_px=16),
        replace(plain, name="360p small", size=(640, 360), text_px=12),
        replace(plain, name="480p", size=(854, 480), text_px=18),
        replace(plain, name="1080p", size=(1920, 1080), text_px=42),
        replace(plain, name="1080p small", size=(1920, 1080), text_px=26, rows=(CLOCK_FIRST,)),
        replace(plain, name="4K", size=(3840, 2160), text_px=84),
        replace(plain, name="upright", size=(608, 1080), text_px=30, place=(0.45, 0.1)),
    ]


DESIGNS: Mapping[str, Design] = {d.name: d for d in [*_looks(), *_names(), *_sports(), *_around(), *_sizes()]}


def smaller(design: Design) -> Design:
    """The same design at two thirds of its size, which is quicker to draw and to read."""
    size, text_px = (design.size[0] * 2 // 3 // 2 * 2, design.size[1] * 2 // 3), round(design.text_px * 2 / 3)
    later = design.later and (design.later[0], smaller(design.later[1]))
    return replace(design, size=size, text_px=text_px, later=later)
