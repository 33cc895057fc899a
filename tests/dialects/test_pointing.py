"""Points and tracks: every published variant, complete and broken, and answers without points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from highlights.dialects.pointing import Point, Pointing, compose_points, compose_tracks, parse_points
from tests.support import published
from tests.support.answers import garbage, places


def points(*rows):
    """Points from (time, number, x, y), the last two in thousandths."""
    return tuple(Point(time_s, number, x / 1000, y / 1000) for time_s, number, x, y in rows)


TWO = ((0.1, 1, 900, 400), (0.1, 2, 911, 800))
WHOLE = [
    ('Counting the <points coords="0.1 1 900 400 2 911 800">aasdf</points> shows a total of 2.', "aasdf", TWO),
    ('<points coords="0.1 1 900 400 2 911 800;0.2 3 911 600">aasdf</points>', "aasdf", (*TWO, (0.2, 3, 911, 600))),
    ('Counting the <points label="aasdf" coords="0.1 1 900 400 2 911 800"/> shows a total of 2.', "aasdf", TWO),
    (
        r'<tracks coords="0.0 1 259 340\t1.0 1 138 427\t2.0 1 248 335">debug</tracks>',
        "debug",
        ((0.0, 1, 259, 340), (1.0, 1, 138, 427), (2.0, 1, 248, 335)),
    ),
    (
        r'<tracks coords="0.0 1 010 020 2 010 030\t5.0 1 100 100 2 200 200">debug</tracks>',
        "debug",
        ((0.0, 1, 10, 20), (0.0, 2, 10, 30), (5.0, 1, 100, 100), (5.0, 2, 200, 200)),
    ),
    (
        r'<tracks label="debug" coords="2.0 1 300 300\t'
        r'3.0 1 300 300 2 400 400\t6.0 3 400 100\t8.0 1 300 300 2 400 400 3 400 400"/>',
        "debug",
        (
            *((2.0, 1, 300, 300), (3.0, 1, 300, 300), (3.0, 2, 400, 400), (6.0, 3, 400, 100)),
            *((8.0, 1, 300, 300), (8.0, 2, 400, 400), (8.0, 3, 400, 400)),
        ),
    ),
    (
        'Counting the <points coords="0.5 1 911 800;12.5 2 400 333">goals</points> shows a total of 2.',
        "goals",
        ((0.5, 1, 911, 800), (12.5, 2, 400, 333)),
    ),
    (
        '<points coords="3.0 1 512 640 2 700 655;4.5 3 100 099">soccer ball</points>',
        "soccer ball",
        ((3.0, 1, 512, 640), (3.0, 2, 700, 655), (4.5, 3, 100, 99)),
    ),
    ('<points coords="12.5 1 498 611">the player who scores</points>', "the player who scores", ((12.5, 1, 498, 611),)),
    (
        '<tracks coords="0.0 1 259 340;0.5 1 138 427;1.0 1 248 335">player number 10</tracks>',
        "player number 10",
        ((0.0, 1, 259, 340), (0.5, 1, 138, 427), (1.0, 1, 248, 335)),
    ),
    (
        '<tracks coords="0.0 1 200 100 2 200 800;1.0 2 001 001">players</tracks>',
        "players",
        ((0.0, 1, 200, 100), (0.0, 2, 200, 800), (1.0, 2, 1, 1)),
    ),
    (
        '<tracks coords="2.0 1 300 300;3.0 1 300 300 2 400 400;6.0 3 400 100;7.0 1 300 300 2 400 400 3 400 400">debug</tracks>',
        "debug",
        (
            *((2.0, 1, 300, 300), (3.0, 1, 300, 300), (3.0, 2, 400, 400), (6.0, 3, 400, 100)),
            *((7.0, 1, 300, 300), (7.0, 2, 400, 400), (7.0, 3, 400, 400)),
        ),
    ),
    (
        'There are 3 <points coords="1.0 1 100 200;2.0 2 300 400;3.0 3 500 600">goals</points>.',
        "goals",
        ((1.0, 1, 100, 200), (2.0, 2, 300, 400), (3.0, 3, 500, 600)),
    ),
    ('<points coords="0.5 1 1000 000" alt="corner">corner</points>', "corner", ((0.5, 1, 1000, 0),)),
    ('<points alt="corner" coords="0.5 1 1000 000"/>', "corner", ((0.5, 1, 1000, 0),)),
    (
        '<points coords="0.5 1 500 000"></points> and <points coords="0.5 1 600 000">b</points>',
        "b",
        ((0.5, 1, 500, 0), (0.5, 1, 600, 0)),
    ),
]


@pytest.mark.parametrize(("answer", "label", "rows"), WHOLE)
def test_every_published_variant_is_read(answer, label, rows):
    assert parse_points(answer) == Pointing("clean", label, points(*rows))


@pytest.mark.parametrize(("answer", "label", "rows"), WHOLE)
def test_a_tab_is_parsed_whether_or_not_it_is_escaped(answer, label, rows):
    assert parse_points(answer.replace("\\t", "\t")).points == points(*rows)
    assert parse_points(answer.replace(";", "\t")).points == points(*rows)


@pytest.mark.parametrize(("answer", "label", "rows"), WHOLE)
def test_the_published_patterns_give_the_same_result(answer, label, rows):
    assert published.points(answer.replace("\\t", "\t")) in ([*map(tuple_of, points(*rows))], [])


def tuple_of(point):
    return point.time_s, point.number, point.x, point.y


@pytest.mark.parametrize(
    ("answer", "rows", "repair"),
    [
        ('<points coords="0.5 1 911 800;12.5 2 400 333', ((0.5, 1, 911, 800), (12.5, 2, 400, 333)), "cut short"),
        ('<points coords="0.5 1 911 800;12.5 2 400 33', ((0.5, 1, 911, 800),), "cut short"),
        ('<points coords="0.5 1 911 800;12.5 2 400', ((0.5, 1, 911, 800),), "cut short"),
        ('<points coords="0.5 1 911 800;12.5 2 ', ((0.5, 1, 911, 800),), "cut short"),
        ('<points coords="0.5 1 911 800;12.\n', ((0.5, 1, 911, 800),), "cut short"),
        ('<points coords="0.5 1 911 800 2 400 100', ((0.5, 1, 911, 800),), "cut short"),
        ('<points coords="0.5 1 911 800 2 400 100\n', ((0.5, 1, 911, 800),), "cut short"),
        ('There are 9 <points label="x" coords="0.5 1 911 800;', ((0.5, 1, 911, 800),), "cut short"),
        ('<tracks coords="0.5 1 911 800\t1.0 1 9', ((0.5, 1, 911, 800),), "cut short"),
        ('<points coords="0.5 1 911 800>x</points>', ((0.5, 1, 911, 800),), "no closing quote"),
        ('<points coords="0.5 1 1001 800 2 400 333">x</points>', ((0.5, 2, 400, 333),), "points outside the picture left out"),
        ('<tracks coords="0.5 1 911 800 1 400 333">x</tracks>', ((0.5, 1, 911, 800),), "a number said twice in one frame"),
        ('<points coords="0.5 1 911 800 400 333">x</points>', ((0.5, 1, 911, 800),), "broken groups left out"),
        ('<points coords="0.5 7 1 911 800">x</points>', ((0.5, 1, 911, 800),), "broken groups left out"),
        ('<points coords="0.5 1 911 800;x 2 400 333">x</points>', ((0.5, 1, 911, 800),), "broken groups left out"),
        ('<points coords="0.5 1 911 800;">x</points>', ((0.5, 1, 911, 800),), "broken groups left out"),
        ('<points coords="0.5 1 9.1 800 2 911 800">x</points>', ((0.5, 2, 911, 800),), "broken groups left out"),
    ],
)
def test_the_complete_part_of_a_broken_answer_is_kept(answer, rows, repair):
    pointing = parse_points(answer)
    assert (pointing.how, pointing.points, pointing.repairs) == ("repaired", points(*rows), (repair,))


@given(places(), st.data())
def test_a_cut_answer_gives_the_points_before_the_cut_and_no_others(drawn, data):
    whole = compose_points("goals", drawn)
    cut = whole[: data.draw(st.integers(0, max(0, whole.find('">'))))]
    read = parse_points(cut).points
    assert read == drawn[: len(read)]
    assert len(drawn) - len(read) <= 1 + len(whole) - len(cut)


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        ("There are none.", "absent"),
        ("  there are none\n", "absent"),
        ("There are no goals in the video.", "absent"),
        ("No tracks available.", "untracked"),
        ("Sorry, I can't count L.", "unable"),
        ("Sorry, I can’t count goals.", "unable"),
        ("", "unreadable"),
        ("3", "unreadable"),
        ("The ball.", "unreadable"),
        ("<points", "unreadable"),
        ('<points coords="', "unreadable"),
        ('<points coords="">goals</points>', "unreadable"),
        ('<points coords="0.5 1 911', "unreadable"),
        ('<points coords="0.5 1 1001 2000">goals</points>', "unreadable"),
    ],
)
def test_answers_without_points_are_distinguished(answer, how):
    assert parse_points(answer) == Pointing(how)


@given(places())
def test_composed_points_are_parsed_back(drawn):
    assert parse_points(compose_points("goals", drawn)) == (Pointing("clean", "goals", drawn) if drawn else Pointing("absent"))


@given(places(tracks=True))
def test_composed_tracks_are_parsed_back(drawn):
    tracks = Pointing("clean", "player", drawn).tracks
    assert sorted(p.number for track in tracks for p in track.points) == sorted(p.number for p in drawn)
    read = parse_points(compose_tracks("player", tracks))
    assert (read.how, read.tracks) == ("clean" if drawn else "untracked", tracks)


@given(places())
def test_the_published_patterns_give_the_same_result_for_any_points(drawn):
    assert published.points(compose_points("goals", drawn)) == [*map(tuple_of, drawn)]


def test_a_track_is_one_number_in_the_order_of_time():
    read = parse_points('<tracks coords="1.0 2 200 800;0.5 1 259 340 2 138 427">players</tracks>')
    assert [track.number for track in read.tracks] == [1, 2]
    assert read.tracks[1].points == points((0.5, 2, 138, 427), (1.0, 2, 200, 800))


@given(garbage)
def test_parser_never_raises_on_any_answer(answer):
    pointing = parse_points(answer)
    assert (pointing.how in ("clean", "repaired")) == bool(pointing.points)
    assert (pointing.how == "repaired") == bool(pointing.repairs)
    assert all(0 <= p.x <= 1 and 0 <= p.y <= 1 and p.time_s >= 0 for p in pointing.points)
