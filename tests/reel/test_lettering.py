import pytest

from highlights.reel.lettering import MOST_LINES, clean, font_for, set_line, set_lines, set_rows

HOSTILE = [
    "100 % \"quoted\" 'titles' \\ %{pts} $(id) `id`",
    "two\nlines\tand\x00controls\x1b[31m",
    "🎉🏆⚽",
    "هدف רגע",
    "\u202egnirts\u202c",
    "a" * 5000,
    "",
    "   ",
    "=;#\\\n[CHAPTER]",
    "\ud800",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_becomes_one_visible_line_that_fits(text):
    line = set_line(text, font_for(text), 30, 400)
    assert line.width_px <= 400
    assert not {"\n", "\x00", "\u202e", "🎉"} & set(line.text)


def test_a_line_that_is_a_little_long_is_set_smaller_and_stays_whole():
    roomy = set_line("A goal from the halfway line", None, 30, 10_000)
    tight = set_line("A goal from the halfway line", None, 30, 0.85 * roomy.width_px)
    assert tight.text == roomy.text
    assert tight.font.size < roomy.font.size


def test_a_line_that_is_far_too_long_ends_in_an_ellipsis():
    line = set_line("A goal from the halfway line", None, 30, 200)
    assert line.text.startswith("A goal")
    assert line.text.endswith("…")


def test_a_headline_is_broken_between_words_and_keeps_them_all():
    lines = set_lines("Champions League Final: Barcelona – Lyon", None, 60, 500)
    assert 1 < len(lines) <= MOST_LINES
    assert " ".join(line.text for line in lines) == "Champions League Final: Barcelona - Lyon"
    assert all(line.width_px <= 500 for line in lines)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_headline_of_any_text_stays_within_its_room(text):
    lines = set_lines(text * 20, None, 60, 300)
    assert len(lines) <= MOST_LINES
    assert all(line.width_px <= 300 for line in lines)


def test_letters_that_a_font_lacks_lose_their_accents_rather_than_vanish():
    assert set_line("Müller, Atlético", None, 30, 1000).text == "Muller, Atletico"


def test_plain_text_with_dashes_needs_no_font_of_the_system():
    assert font_for("GOAL", "12:34 · ARS 1–0 CHE") is None
    assert clean("ARS 1–0 CHE") == "ARS 1-0 CHE"


def test_what_has_no_room_on_its_rows_is_left_out_after_a_word():
    text = "The striker turns past two defenders and lifts the ball over the keeper into the far corner of the goal"
    rows = [line.text for line in set_rows(text, None, 20, 300, 2)]
    assert len(rows) == 2
    said = " ".join(rows)
    assert said.endswith("…")
    assert text.startswith(said[:-1])
    assert text[len(said) - 1] == " "
    assert all(line.width_px <= 300 for line in set_rows(text, None, 20, 300, 2))
    assert " ".join(line.text for line in set_rows(text, None, 20, 300, 9)) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_rows_of_any_text_stay_within_their_room(text):
    rows = set_rows(text * 20, font_for(text), 20, 150, 2)
    assert len(rows) <= 2
    assert all(line.width_px <= 150 for line in rows)
