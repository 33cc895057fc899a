from fractions import Fraction

import pytest

from highlights.errors import HighlightsError, ProfileError, RenderError
from highlights.reel.options import Files, files_of, options_of, presets
from highlights.timeline import TimelineOptions


def test_no_options_give_the_default_reel():
    timeline, edit, kind = options_of({})
    assert timeline == TimelineOptions()
    assert (edit.titles, edit.fade_s, edit.crossfade_s, edit.intro, kind) == (True, 0.2, 0.0, None, "auto")
    assert files_of({"intro": None}) == Files()


def test_every_shipped_preset_is_valid():
    assert presets() == ["coach", "recap", "social"]
    for name in presets():
        options_of({"preset": name})
    timeline, edit, _ = options_of({"preset": "social"})
    assert (edit.aspect, timeline.order) == (Fraction(9, 16), "ranked")
    assert timeline.target_s <= 60
    assert options_of({"preset": "recap"})[1].recap
    assert files_of({"preset": "coach"}).each == ("event",)


def test_an_explicit_option_overrides_the_preset():
    timeline, edit, _ = options_of({"preset": "social", "target_s": 30, "slow_motion": False, "titles": None})
    assert (timeline.target_s, edit.slow_motion, edit.titles, edit.crossfade_s) == (30, False, True, 0.3)
    assert options_of({"preset": "recap", "intro": False})[1].intro is None
    assert options_of({"preset": "recap", "intro": "Final"})[1].intro == "Final"


def test_all_errors_of_a_custom_preset_are_reported_with_their_lines(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("aspect: 9:16\nfade_s: -1\ncross_fade: 2\neach: [event, teams]\ntitles: 3\n")
    with pytest.raises(ProfileError) as caught:
        options_of({"preset": str(path)})
    assert str(caught.value).splitlines() == [
        f"{path}:2: fade_s: must be at least 0, not -1",
        f"{path}:3: cross_fade: unknown key (did you mean crossfade_s?)",
        f"{path}:4: each.1: must not be teams (did you mean team?)",
        f"{path}:5: titles: must be true or false, not 3",
    ]


def test_options_left_at_their_defaults_do_not_prevent_a_copy():
    assert options_of({"reel": "copy", "intro": False, "crossfade_s": 0, "target_s": 60})[2] == "copy"
    assert options_of({"preset": "coach", "reel": "smart"})[2] == "smart"


def test_file_names_in_a_preset_are_relative_to_it(tmp_path):
    (tmp_path / "mark.png").write_bytes(b"")
    (tmp_path / "mine.yaml").write_text("logo: mark.png\naspect: 9:16\n")
    _, edit, _ = options_of({"preset": str(tmp_path / "mine.yaml")})
    assert (edit.logo, edit.aspect) == (tmp_path / "mark.png", Fraction(9, 16))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"preset": "socail"}, "unknown preset 'socail': use coach, recap, social"),
        ({"tilte": True}, r"tilte: unknown key \(did you mean titles\?\)"),
        ({"fade_s": "1", "order": "best"}, "order: must not be best .*fade_s: must be a number"),
        ({"target_s": float("nan")}, "target_s: must be a number"),
        ({"logo": "/no/such.png"}, "/no/such.png: no such file"),
        ({"intro": {"a": 1}}, "intro: must be"),
        (
            {"reel": "copy", "crossfade_s": 0.5, "slow_motion": True, "titles": True},
            "^crossfade, slow-motion: --reel copy does not re-encode",
        ),
        ({"preset": "recap", "reel": "smart"}, "^aspect, crossfade, intro, recap: --reel smart does not re-encode"),
        ({"reel": "copy", "intro": ""}, "^intro: --reel copy does not re-encode"),
        ({"crossfade_s": 60}, "crossfade_s: must be at most 5"),
        ({"max_size": "16 apples"}, "^max_size: '16 apples' is not a size; use 16MB"),
        ({"max_size": "16"}, "^max_size: '16' is too small for a reel.*did you mean 16MB"),
        ({"max_size": True}, "^max_size: must be a size such as 16MB"),
        ({"max_size": float("nan")}, "^max_size: 'nan' is not a size"),
    ],
)
def test_options_that_contradict_each_other_are_reported_in_one_line(asked, said):
    with pytest.raises(RenderError, match=said) as caught:
        options_of(asked)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a\n", "a: &b 1\n", "\t", "{}"])
def test_any_text_as_a_preset_is_valid_or_refused_with_our_error(tmp_path, text):
    (tmp_path / "p.yaml").write_text(text)
    if text == "{}":
        options_of({"preset": str(tmp_path / "p.yaml")})
    else:
        with pytest.raises(HighlightsError):
            options_of({"preset": str(tmp_path / "p.yaml")})


@pytest.mark.parametrize("size", ["16MB", "16 mb", 16_000_000, 16_000_000.0, "16000k"])
def test_a_size_is_given_in_words_or_bytes(tmp_path, size):
    assert options_of({"max_size": size})[1].max_bytes == 16_000_000
    (tmp_path / "app.yaml").write_text(f"max_size: {size}\n")
    assert options_of({"preset": str(tmp_path / "app.yaml")})[1].max_bytes == 16_000_000
    assert options_of({"preset": str(tmp_path / "app.yaml"), "max_size": "8MB"})[1].max_bytes == 8_000_000


def test_cards_and_slow_motion_count_towards_the_target_length():
    timeline, _, _ = options_of(
        {"target_s": 60, "crossfade_s": 0.5, "intro": True, "recap": True, "slow_motion": True, "freeze": True}
    )
    assert timeline.around_s == pytest.approx(2.5 + 5 - 0.5)
    assert timeline.beside_s == pytest.approx(5 + 1 - 2 * 0.5)
    assert timeline.beside_replay_s == -0.5


def test_a_condensed_match_is_cut_without_titles_and_fades_unless_asked():
    timeline, edit, kind = options_of({"condense": True})
    assert (timeline.condense, edit.titles, edit.fade_s, kind) == (True, False, 0.0, "auto")
    _, edit, _ = options_of({"condense": True, "titles": True, "fade_s": 0.5})
    assert (edit.titles, edit.fade_s) == (True, 0.5)
