from highlights.records import Clip
from highlights.reel.chapters import LONGEST_BYTES, Chapter, chapter_title, ffmetadata
from highlights.spans import Span


def clip(title, subtitle=""):
    return Clip(Span(0, 1), (0,), title, subtitle)


def test_a_title_is_one_line_of_what_an_mp4_can_hold():
    title = chapter_title(clip("Goal\n[CHAPTER]\0\ud800" + "ä" * 300, "12:34"))
    assert "\n" not in title
    assert "\0" not in title
    assert len(title.encode()) <= LONGEST_BYTES


def test_a_clip_without_words_still_has_a_chapter_name():
    assert chapter_title(clip(" ")) == "Clip"


def test_what_ffmpeg_would_take_for_syntax_is_escaped():
    text = ffmetadata([Chapter(0, 1.5, "a=b;c#d\\e")])
    assert text.endswith("START=0\nEND=1500\ntitle=a\\=b\\;c\\#d\\\\e\n")
