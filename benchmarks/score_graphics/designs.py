"""The score graphics to test: one line each, by sport, style, and other graphics in the frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from PIL import Image, ImageDraw

from benchmarks.score_graphics.drawing import Cell, Design, Painter, Story, letters
from benchmarks.score_graphics.stories import (
    BADMINTON,
    BASEBALL,
    BASKETBALL,
    CRICKET,
    DEUCE,
    FOOTBALL,
    FUTSAL,
    HANDBALL,
    HANDBALL_EARLY,
    HOCKEY,
    LATE,
    QUIET,
    RUGBY,
    SOCCER,
    TENNIS,
    VOLLEYBALL,
)
from highlights import profile
from highlights.profile import ScoreboardRules

Row = tuple[Cell, ...]


@lru_cache
def rules(sport: str) -> ScoreboardRules:
    """How the score of a sport may change."""
    return profile.load(sport).scoreboard


def cells(*texts: str, ink: str = "white", ground: str = "") -> Row:
    """Cells of one style."""
    return tuple(Cell(text, ink, ground) for text in texts)


def boxed(row: Row, ink: str, ground: str) -> Row:
    """The same row with its numbers in boxes of another colour."""
    return tuple(replace(c, ink=ink, ground=ground) if "{home}" in c.text or "{away}" in c.text else c for c in row)


PLAIN = cells("ARS", "{home}", "{away}", "CHE", "{clock}")
CLOCK_FIRST = cells("{clock}", "ARS", "{home}-{away}", "CHE")
STACKED = ((Cell("ARS", room=3), Cell("{home}")), (Cell("CHE", room=3), Cell("{away}")))


def text(
    words: str | Callable[[float], str], at: tuple[float, float], px: int = 26, ink: str = "white", ground: str = "#203060"
) -> Painter:
    """A text that is not a score, at a relative position in the frame."""

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
    """A text shown only during these spans."""
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


def _styles() -> list[Design]:
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
            plain,
            name="full width",
            place=(0.5, 0.95),
            rows=(
                (
                    Cell("ARSENAL", room=12),
                    Cell("{home}", room=5),
                    Cell("{clock}", room=8),
                    Cell("{away}", room=5),
                    Cell("CHELSEA", room=12),
                ),
            ),
        ),
        replace(plain, name="bold", bold=1),
        *(
            replace(plain, name=font, font=font)
            for font in (
                "DejaVuSerif",
                "DejaVuSansMono-Bold",
                "DejaVuSansCondensed-Bold",
                "LiberationSansNarrow-Bold",
                "LiberationSerif-Regular",
            )
        ),
        replace(plain, name="added time", rows=(cells("ARS", "{home}-{away}", "CHE", "90:00", "+{added}"),)),
        replace(plain, name="logos", rows=(cells("{home}", "{away}", "{clock}"),)),
        replace(plain, name="logos with dash", rows=(cells("{home} - {away}", "{clock}"),)),
        replace(plain, name="period before clock", rows=(cells("ARS", "{home}", "{away}", "CHE", "2ND", "{clock}"),)),
    ]


def _names() -> list[Design]:
    sides = {
        "cyrillic": ("СПАРТАК", "ЗЕНИТ"),
        "greek": ("ΟΛΥΜΠΙΑΚΟΣ", "ΠΑΟΚ"),
        "arabic": ("الهلال", "النصر"),
        "accents": ("ŠKODA", "MÜNCHEN"),
        "digits in names": ("U21", "S04"),
        "more digits": ("1860", "SCHALKE 04"),
        "long": ("MANCHESTER UNITED", "TOTTENHAM HOTSPUR"),
    }
    return [
        _design(
            f"names {name}",
            "soccer",
            SOCCER,
            cells(h, "{home}", "{away}", a, "{clock}"),
            font="DejaVuSans-Bold",
            text_px=24,
            place=(0.3, 0.08),
        )
        for name, (h, a) in sides.items()
    ] + [
        _design(
            f"names {name} in two rows",
            "soccer",
            SOCCER,
            (Cell(h, room=9), Cell("{home}")),
            (Cell(a, room=9), Cell("{away}")),
            font="DejaVuSans-Bold",
            place=(0.2, 0.1),
        )
        for name, (h, a) in sides.items()
        if name != "long"
    ]


def _sports() -> list[Design]:
    basket = cells("PHX", "{home}", "LAL", "{away}", "3RD", "{clock}", "{shot}")
    return [
        _design("basketball", "basketball", BASKETBALL, basket, place=(0.5, 0.9)),
        _design(
            "basketball two rows",
            "basketball",
            BASKETBALL,
            cells("PHX", "{home}"),
            cells("LAL", "{away}"),
            cells("Q3", "{clock}", "{shot}"),
        ),
        _design(
            "basketball fouls",
            "basketball",
            BASKETBALL,
            cells("PHX", "{home}", "F 3", "{long}", "3RD", "LAL", "{away}", "F 5", "T 2"),
            place=(0.5, 0.9),
        ),
        _design("ice hockey", "ice_hockey", HOCKEY, cells("BOS", "{home}", "NYR", "{away}", "2ND", "{clock}")),
        _design(
            "ice hockey P2",
            "ice_hockey",
            HOCKEY,
            cells("P2", "{clock}", "TAPPARA", "{home}-{away}", "ILVES"),
            place=(0.25, 0.08),
        ),
        _design("futsal", "futsal", FUTSAL, cells("BRA", "{home}", "ARG", "{away}", "{clock}", "1H")),
        _design("handball", "handball", HANDBALL, cells("THW", "{home}:{away}", "SGF", "{clock}")),
        _design("handball early", "handball", HANDBALL_EARLY, cells("THW", "{home}:{away}", "SGF", "{clock}")),
        _design("handball clock first", "handball", HANDBALL, cells("{clock}", "THW", "{home}:{away}", "SGF")),
        _design("handball without clock", "handball", HANDBALL, cells("THW", "{home}:{away}", "SGF")),
        _design(
            "american football",
            "american_football",
            FOOTBALL,
            cells("KC", "{home}", "BUF", "{away}", "2ND", "{clock}", "{play}", "{down}"),
            place=(0.5, 0.92),
        ),
        _design(
            "american football ranks",
            "american_football",
            FOOTBALL,
            cells("#4 OSU", "{home}", "#11 ND", "{away}", "4TH", "{clock}", "{down}"),
            place=(0.5, 0.92),
        ),
        _design("rugby", "rugby", RUGBY, cells("{clock}", "NZL", "{home}", "{away}", "RSA")),
        _design("rugby two rows", "rugby", RUGBY, cells("NZL", "{home}"), cells("RSA", "{away}"), cells("{clock}")),
        _design(
            "baseball",
            "baseball",
            BASEBALL,
            cells("NYY", "{home}", "BOS", "{away}", "{inning}", "{count}", "{outs}", "P {pitches}"),
            place=(0.4, 0.08),
        ),
        _design(
            "baseball two rows",
            "baseball",
            BASEBALL,
            cells("NYY", "{home}"),
            cells("BOS", "{away}"),
            cells("{inning}", "{count}", "{outs}"),
        ),
        _design("cricket", "cricket", CRICKET, cells("IND", "{runs}/{wickets}", "({overs})")),
        _design("cricket dash", "cricket", CRICKET, cells("IND", "{runs}-{wickets}", "{overs}")),
        _design("cricket turned", "cricket", CRICKET, cells("AUS", "{wickets}-{runs}", "{overs}", "OV")),
        _design(
            "cricket bar",
            "cricket",
            CRICKET,
            cells("IND", "{runs}/{wickets}", "OVERS {overs}", "KOHLI {batsman} ({faced})", "NEED {need}", "CRR 8.4"),
            place=(0.5, 0.93),
        ),
        _design(
            "cricket two rows",
            "cricket",
            CRICKET,
            cells("IND {runs}-{wickets}", "{overs} OV"),
            cells("KOHLI {batsman} ({faced})", "SHARMA 31 (22)"),
            place=(0.3, 0.9),
        ),
        _design(
            "tennis",
            "tennis",
            TENNIS,
            cells("SINNER", "{home_sets}", "{home_games}", "{hp}"),
            cells("ALCARAZ", "{away_sets}", "{away_games}", "{ap}"),
        ),
        _design(
            "tennis deuce",
            "tennis",
            DEUCE,
            (Cell("SINNER", room=5), *cells("{home_sets}", "{home_games}"), Cell("{hp}", room=2)),
            (Cell("ALCARAZ", room=5), *cells("{away_sets}", "{away_games}"), Cell("{ap}", room=2)),
        ),
        _design(
            "tennis boxes",
            "tennis",
            TENNIS,
            (Cell("SINNER", room=6), Cell("{home_sets}"), Cell("{home_games}"), Cell("{hp}", "black", "#d0e020", 2)),
            (Cell("ALCARAZ", room=6), Cell("{away_sets}"), Cell("{away_games}"), Cell("{ap}", "black", "#d0e020", 2)),
        ),
        _design(
            "volleyball",
            "volleyball",
            VOLLEYBALL,
            (Cell("ITA", room=3), *cells("{home_sets}"), Cell("{home_points}", room=2)),
            (Cell("POL", room=3), *cells("{away_sets}"), Cell("{away_points}", room=2)),
        ),
        _design(
            "volleyball one row",
            "volleyball",
            VOLLEYBALL,
            cells("ITA", "{home_sets}", "{home_points}", "{away_points}", "{away_sets}", "POL"),
        ),
        _design(
            "volleyball colon",
            "volleyball",
            VOLLEYBALL,
            cells("ITA", "{home_points}:{away_points}", "POL", "{home_sets}-{away_sets}"),
        ),
        _design(
            "badminton",
            "badminton",
            BADMINTON,
            (Cell("AXELSEN", room=6), *cells("{home_sets}"), Cell("{home_points}", "black", "white", 2)),
            (Cell("MOMOTA", room=6), *cells("{away_sets}"), Cell("{away_points}", "black", "white", 2)),
        ),
    ]


def _sizes_mixed() -> list[Design]:
    small = [Cell(t, scale=0.6) for t in ("ARS", "CHE", "{clock}")]
    large = [Cell("{home}", "black", "white"), Cell("{away}", "black", "white")]
    lines = Cell("3RD\n{long}", scale=0.6)
    names = Cell("PHX", scale=0.8), Cell("LAL", scale=0.8)
    plain = _design("small names", "soccer", SOCCER, (small[0], *large, small[1], small[2]), text_px=40, place=(0.25, 0.1))
    return [
        plain,
        replace(plain, name="small names between", rows=((small[0], large[0], small[2], large[1], small[1]),)),
        replace(plain, name="names above", rows=((small[0], small[1]), (large[0], large[1])), text_px=34),
        _design(
            "two lines beside",
            "basketball",
            BASKETBALL,
            (names[0], Cell("{home}"), names[1], Cell("{away}"), lines),
            text_px=44,
            place=(0.7, 0.88),
        ),
    ]


def _around() -> list[Design]:
    plain = _design("", "soccer", SOCCER, PLAIN)
    gone = replace(plain, name="no graphic", hidden=((0, 99),))
    rare = ((0, 8), (12, 20), (24, 32), (36, 38))
    return [
        replace(plain, name="ticker", extras=(TICKER, CHANNEL)),
        replace(plain, name="adverts and clocks", extras=(ADVERT, SPONSOR_CLOCK, CHANNEL)),
        replace(plain, name="lower thirds", extras=(LOWER_THIRD, HALF_TIME, CHANNEL)),
        replace(
            plain,
            name="everything",
            extras=(TICKER, ADVERT, SPONSOR_CLOCK, CHANNEL, LOWER_THIRD, HALF_TIME),
            rows=(CLOCK_FIRST,),
        ),
        replace(plain, name="ticker below", place=(0.5, 0.88), extras=(TICKER,)),
        replace(
            plain,
            name="ticker below, no clock",
            place=(0.5, 0.88),
            rows=(cells("ARS", "{home}", "{away}", "CHE"),),
            extras=(TICKER,),
        ),
        replace(plain, name="hidden in replays", hidden=((8, 13), (22, 25), (28.5, 31.5))),
        replace(plain, name="shown now and then", hidden=rare, story=LATE),
        replace(plain, name="late", hidden=((0, 8),)),
        replace(plain, name="moves", later=(18.0, replace(plain, place=(0.8, 0.9)))),
        replace(
            plain,
            name="other design",
            later=(
                18.0,
                replace(plain, rows=(cells(*(c.text for c in CLOCK_FIRST), ink="black"),), plate="#e0e0e0", place=(0.2, 0.09)),
            ),
        ),
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


DESIGNS: Mapping[str, Design] = {d.name: d for d in [*_styles(), *_names(), *_sports(), *_sizes_mixed(), *_around(), *_sizes()]}


def smaller(design: Design) -> Design:
    """The same design at two thirds of its size, which is faster to draw and to read."""
    size, text_px = (design.size[0] * 2 // 3 // 2 * 2, design.size[1] * 2 // 3), round(design.text_px * 2 / 3)
    later = design.later and (design.later[0], smaller(design.later[1]))
    return replace(design, size=size, text_px=text_px, later=later)
