from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from highlights.reel.lettering import MOST_LINES, clean, font_for, set_line, set_lines, set_rows, unknown_letters

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


def test_a_line_slightly_too_long_is_set_smaller_and_kept_whole():
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


def test_text_that_does_not_fit_its_rows_is_cut_after_a_word():
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


noto = pytest.mark.skipif(not Path("/usr/share/fonts/truetype/noto/NotoSansArabic-Bold.ttf").exists(), reason="no Noto fonts")
SCRIPTS = [
    "Гол Аршавина",
    "هدف محمد صلاح",
    "שער",
    "进球 孙兴慜",
    "ゴール 久保",
    "골 손흥민",
    "ประตู",
    "गोल",
    "Đinh Việt",
    "Γκολ",
]


@noto
@pytest.mark.parametrize("text", SCRIPTS)
def test_every_script_is_shown_whole_in_a_font_that_has_it(text):
    line = set_line(text, font_for(text), 30, 1000)
    assert line.text == text
    assert unknown_letters(text) == ""
    image = Image.new("L", (line.width_px + 20, line.height_px + 20))
    line.draw(ImageDraw.Draw(image), 10, 10, 255)
    x0, y0, x1, y1 = image.getbbox()
    assert 0.6 * line.width_px < x1 - x0 <= line.width_px + 6
    assert 5 < y0 < y1 < line.height_px + 15


@noto
def test_arabic_is_joined_and_begins_on_the_right():
    line = set_line("هدف 12:34 · ARS", font_for("هدف"), 30, 1000)
    assert line.right_to_left
    assert line.runs[-1].text.startswith("هدف")
    joined, apart = (set_line(text, None, 30, 1000) for text in ("هدف", "ه\u200cد\u200cف"))
    assert (
        joined.runs[0].font.getmask(joined.text, direction="rtl").getbbox()
        != apart.runs[0].font.getmask(apart.text, direction="rtl").getbbox()
    )


@noto
def test_letters_of_two_scripts_stand_on_one_line_in_two_fonts():
    line = set_line("Goal · 孙兴慜 · 12:34", font_for("Goal"), 30, 1000)
    assert [run.text.strip() for run in line.runs] == ["Goal ·", "孙兴慜", "· 12:34"]
    assert not line.right_to_left


@noto
def test_han_is_broken_between_letters():
    text = "他在禁区外起脚射门，皮球从守门员身边飞过，应声入网"
    rows = set_rows(text, None, 20, 200, 9)
    assert len(rows) > 2
    assert "".join(line.text for line in rows) == text
    assert not any(line.text.startswith("，") for line in rows)


def test_letters_missing_from_every_font_are_reported_and_not_drawn_as_boxes():
    assert unknown_letters("Goal \U0001e290\U0001e291 🎉 ok") == "\U0001e290\U0001e291"
    assert set_line("Goal \U0001e290", None, 30, 1000).text == "Goal"
