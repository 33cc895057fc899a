import pytest

from highlights.analysis.score.tokens import TextRow, clock_seconds, counts_something, join_cells, row_of
from highlights.records import Box
from tests.support.score_looks import glyphs, row


def tokens(text: str) -> list[str]:
    """Kind and text of every token; numbers with their separator, `~` before an attached one."""
    return [f"{t.kind[0]}{'~' if t.attached else ''}:{t.joined}{t.text}" for t in row(text).tokens]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ARS  2-1  CHE  12:34", ["w:ARS", "n:2", "n:-1", "w:CHE", "c:12:34"]),
        ("ARS 2 - 1 CHE", ["w:ARS", "n:2", "n:-1", "w:CHE"]),
        ("ARS 2–1 CHE", ["w:ARS", "n:2", "n:–1", "w:CHE"]),
        ("RMA  0  0  SEV", ["w:RMA", "n:0", "n:0", "w:SEV"]),
        ("RMA  O-O  SEV", ["w:RMA", "n:0", "n:-0", "w:SEV"]),
        ("THW 9:8 SGF", ["w:THW", "n:9", "n::8", "w:SGF"]),
        ("THW 21:19 SGF", ["w:THW", "c:21:19", "w:SGF"]),
        ("IND  128/3  (15.2)", ["w:IND", "n:128", "n:/3", "d:15.2"]),
        ("KOHLI 44 (34)", ["w:KOHLI", "n:44", "n~:34"]),
        ("3RD  9:59  14", ["p:3RD", "c:9:59", "n:14"]),
        ("Q3 P2 2H", ["p:Q3", "p:P2", "p:2H"]),
        ("2ND 7:32 :12 3RD & 7", ["p:2ND", "c:7:32", "n:12", "w:3RD", "n:7"]),
        ("U21  2  1  S04", ["w:U", "n~:21", "n:2", "n:1", "w:S", "n~:04"]),
        ("S.CAROLINA 21", ["w:S.CAROLINA", "n:21"]),
        ("#4 OSU  21", ["n~:4", "w:OSU", "n:21"]),
        ("90:00  +3:12", ["c:90:00", "c:3:12"]),
        ("0448", ["c:04:48"]),
        ("1860  2", ["n:2"]),
        ("STIFTSKELLER  1899", []),
        ("СПАРТАК 2:1 東京", ["w:СПАРТАК", "n:2", "n::1", "w:東京"]),
        ("HT 0-0", ["p:HT", "n:0", "n:-0"]),
    ],
)
def test_a_line_is_split_into_clocks_numbers_periods_and_words(text: str, expected: list[str]) -> None:
    found = tokens(text)
    assert [t for t in found if not t.startswith("w:STIFT")] == expected


def test_the_position_of_a_token_is_the_middle_of_its_characters() -> None:
    number = row_of(glyphs("ARS  12"), Box(100, 50, 200, 80)).tokens[1]
    assert number.x == pytest.approx(100 + 6 * 12)
    assert number.value == 12


def test_the_confidence_of_a_token_is_that_of_its_weakest_character() -> None:
    line = glyphs("12", 0.9)
    assert row_of([line[0], line[1].__class__("2", line[1].x, 0.4)], Box(0, 0, 99, 30)).tokens[0].confidence == 0.4


def test_a_clock_without_a_colon_has_half_the_confidence() -> None:
    assert row("0448", confidence=0.9).tokens[0].confidence == pytest.approx(0.45)


@pytest.mark.parametrize(
    ("text", "seconds"), [("12:34", 754), ("9.58", 598), ("45.3", 45.3), ("105:00", 6300), ("12:75", None), ("75.3", None)]
)
def test_clocks_are_read_in_seconds(text: str, seconds: float | None) -> None:
    assert clock_seconds(text) == seconds


@pytest.mark.parametrize(
    ("text", "counts"), [("12:34", True), ("2 1", True), ("15.2", True), ("SPORT 1 HD", False), ("U21 S04", False), ("", False)]
)
def test_only_clocks_decimals_and_pairs_of_numbers_may_be_a_score(text: str, counts: bool) -> None:
    assert counts_something([row(text)]) is counts


def test_pieces_of_one_row_are_read_as_one_from_left_to_right() -> None:
    right, left, below = row("2 1"), row("ARS"), row("CHE", line=1)
    right = TextRow(
        tuple(t.__class__(t.kind, t.text, t.x + 200, t.confidence, t.value) for t in right.tokens), right.y, right.size
    )
    assert [r.text for r in join_cells([right, left, below])] == ["ARS 2 1", "CHE"]
