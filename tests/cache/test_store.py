"""What is kept of recordings: found again by content, never by name, and never in the way of a run."""

from __future__ import annotations

import os
import random
import resource
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from highlights.backends.backend import Answer, Token
from highlights.cache.answers import CachedAnswers
from highlights.cache.copies import trim_copies
from highlights.cache.recordings import cached_analysis, cached_pictures, fingerprint
from highlights.cache.store import Store
from highlights.dialects.dialect import Question
from highlights.errors import ModelError
from highlights.media.footage.reader import Footage
from highlights.profile import load
from highlights.records import (
    Analysis,
    Excitement,
    Fault,
    Part,
    Recording,
    Sampling,
    Scene,
    Scoreboard,
    ScoreReading,
    Window,
)
from highlights.review.job import Worker
from highlights.review.proxies import Proxies
from highlights.spans import Span

WHEN, WHETHER = Question("When?"), Question("Whether?", 1, "yes_no")
SAMPLING = Sampling()
SAID = Answer("From 3 to 5.", (Token("From", -0.25), Token(" 3", -1.5)), yes=None)


class Oracle:
    """Answers with the question and how often it was asked; counts what it is asked."""

    name, identity, decodes_on, at_once = "an oracle", "oracle-1", "cpu", 1

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, footage: Footage, questions: Sequence[Question]) -> list[Answer]:
        self.asked += [q.text for q in questions]
        return [replace(SAID, text=f"{q.text} {len(self.asked)}", yes=0.75 if q.kind == "yes_no" else None) for q in questions]

    def close(self) -> None: ...


@pytest.fixture
def match(tmp_path: Path) -> Recording:
    path = tmp_path / "match.mp4"
    path.write_bytes(bytes(range(256)) * 4000)
    return recording(path)


def recording(*paths: Path) -> Recording:
    return Recording(tuple(Part(p, 60.0 * i, 60.0, 64, 36, Fraction(25), "h264") for i, p in enumerate(paths)))


def footage(start_s: float = 0.0, part: int = 0, sampling: Sampling = SAMPLING) -> Footage:
    window = Window(Span(start_s, start_s + 4.0), part)
    return Footage(window, sampling, tuple(i / 2 for i in range(8)), tuple(range(8)), 64, 32)


def test_a_cached_value_is_returned_unchanged(tmp_path):
    store = Store(tmp_path)
    store.put("answer", "match.mp4", [(b"a", b"said")])
    assert Store(tmp_path).get([b"a", b"b"]) == [b"said", None]


def test_cached_answers_are_not_asked_again_in_the_next_run(tmp_path, match):
    first, second = Oracle(), Oracle()
    given = CachedAnswers(first, Store(tmp_path), match).ask(footage(), [WHEN, WHETHER])
    kept = CachedAnswers(second, Store(tmp_path), match)
    assert kept.ask(footage(), [WHEN, WHETHER]) == given
    assert (second.asked, kept.cached) == ([], 2)


def test_only_the_new_questions_are_asked_and_the_answers_keep_their_order(tmp_path, match):
    kept = CachedAnswers(oracle := Oracle(), Store(tmp_path), match)
    kept.ask(footage(), [WHETHER])
    answers = kept.ask(footage(), [WHEN, WHETHER, Question("Who?")])
    assert [a.text.split()[0] for a in answers] == ["When?", "Whether?", "Who?"]
    assert oracle.asked == ["Whether?", "When?", "Who?"]


@pytest.mark.parametrize(
    "other",
    [footage(1.0), footage(sampling=Sampling(max_pixels=100_000)), footage(60.0, part=1)],
    ids=["another window", "another size", "another file"],
)
def test_another_window_size_or_file_is_not_answered_from_the_cache(tmp_path, match, other):
    second = tmp_path / "second.mp4"
    second.write_bytes(b"another half" * 1000)
    kept = CachedAnswers(oracle := Oracle(), Store(tmp_path), recording(match.parts[0].path, second))
    kept.ask(footage(), [WHEN])
    kept.ask(other, [WHEN])
    assert len(oracle.asked) == 2


def test_another_model_is_not_answered_from_the_cache(tmp_path, match):
    CachedAnswers(Oracle(), Store(tmp_path), match).ask(footage(), [WHEN])
    other = Oracle()
    other.identity = "oracle-2"
    CachedAnswers(other, Store(tmp_path), match).ask(footage(), [WHEN])
    assert other.asked == ["When?"]


def test_a_recording_is_cached_by_its_content_and_not_by_its_name_or_place_in_the_match(tmp_path, match):
    CachedAnswers(Oracle(), Store(tmp_path), match).ask(footage(), [WHEN])
    first = tmp_path / "first half.mp4"
    first.write_bytes(b"something else")
    moved = match.parts[0].path.rename(tmp_path / "renamed.mkv")
    kept = CachedAnswers(oracle := Oracle(), Store(tmp_path), recording(first, moved))
    kept.ask(footage(60.0, part=1), [WHEN])
    assert oracle.asked == []


def test_a_changed_byte_is_another_recording(tmp_path, match):
    CachedAnswers(Oracle(), Store(tmp_path), match).ask(footage(), [WHEN])
    path = match.parts[0].path
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    kept = CachedAnswers(oracle := Oracle(), Store(tmp_path), recording(path))
    kept.ask(footage(), [WHEN])
    assert oracle.asked == ["When?"]


def test_an_empty_answer_is_asked_again(tmp_path, match):
    class Silent(Oracle):
        def ask(self, footage, questions):
            super().ask(footage, questions)
            return [Answer("") for _ in questions]

    kept = CachedAnswers(oracle := Silent(), Store(tmp_path), match)
    for _ in range(2):
        assert kept.ask(footage(), [WHEN]) == [Answer("")]
    assert (len(oracle.asked), kept.unanswered) == (2, 2)


def test_answers_given_before_a_server_failed_are_cached(tmp_path, match):
    class Gone(Oracle):
        def ask(self, footage, questions):
            if len(self.asked) == 2:
                raise ModelError("the server is gone")
            return super().ask(footage, questions)

    kept = CachedAnswers(Gone(), Store(tmp_path), match)
    kept.ask(footage(0.0), [WHEN])
    kept.ask(footage(25.0), [WHEN])
    with pytest.raises(ModelError, match="gone"):
        kept.ask(footage(50.0), [WHEN])
    again = CachedAnswers(oracle := Oracle(), Store(tmp_path), match)
    for start_s in (0.0, 25.0, 50.0):
        again.ask(footage(start_s), [WHEN])
    assert (oracle.asked, again.cached) == (["When?"], 2)


def test_a_damaged_cache_is_rebuilt(tmp_path, match):
    store = Store(tmp_path)
    store.path.write_bytes(b"this is no database, " * 500)
    kept = CachedAnswers(Oracle(), store, match)
    given = kept.ask(footage(), [WHEN])
    assert "the cache was recreated" in store.problem
    assert kept.ask(footage(), [WHEN])[0].text.startswith("When?")
    assert kept.ask(footage(), [WHEN]) == kept.ask(footage(), [WHEN])
    assert given[0].text == "When? 1"


def test_an_unwritable_cache_folder_only_disables_caching(tmp_path, match):
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file")
    kept = CachedAnswers(oracle := Oracle(), store, match)
    for _ in range(2):
        assert kept.ask(footage(), [WHEN])
    assert len(oracle.asked) == 2
    assert "nothing is cached" in store.problem


def test_the_least_recently_used_answers_are_dropped_when_there_are_too_many(tmp_path, monkeypatch):
    store = Store(tmp_path)
    store.put("answer", "match.mp4", [(bytes([i]), random.Random(i).randbytes(1000)) for i in range(100)])
    with sqlite3.connect(store.path) as base:
        base.execute("update kept_2 set used = used - 100 where key != x'00'")
    base.close()
    monkeypatch.setattr("highlights.cache.store.MOST_BYTES", 50_000)
    for i in range(100, 110):
        store.put("answer", "match.mp4", [(bytes([i]), b"said")])
    kept = store.get([bytes([i]) for i in range(110)])
    assert kept[0] is not None
    assert 20 < sum(answer is not None for answer in kept) < 60


def test_the_folder_can_be_named(tmp_path, monkeypatch):
    monkeypatch.setenv("HIGHLIGHTS_CACHE", str(tmp_path / "here"))
    Store().put("answer", "match.mp4", [(b"a", b"said")])
    assert (tmp_path / "here" / "known.sqlite").is_file()


READ = Analysis(
    (Scene(Span(0.0, 4.56)), Scene(Span(4.56, 60.0))),
    Excitement(0.5, (0.1, 1 / 3), (-30.0, -20.5)),
    scoreboard=Scoreboard(teams=("A", "Б"), readings=(ScoreReading(2.0, "A 1-0", {"home": 1}, 3, "0:03"),)),
    faults=(Fault(Path("elsewhere.mp4"), "a damaged stretch", 2),),
)


class Reader:
    """Reads a recording, and counts how often it is asked to."""

    def __init__(self, read: Analysis = READ) -> None:
        self.read, self.times = read, 0

    def __call__(self) -> Analysis:
        self.times += 1
        return self.read


def test_an_analysis_is_read_once_and_returned_unchanged(tmp_path, match):
    reader = Reader()
    for _ in range(2):
        assert cached_analysis(match, load("soccer"), reader, Store(tmp_path)) == READ
    assert reader.times == 1


@pytest.mark.parametrize(
    ("change", "times"),
    [
        (lambda p: replace(p, events=(), title="another"), 1),
        (lambda p: replace(p, scenes=replace(p.scenes, detector="content")), 2),
        (lambda p: replace(p, scoreboard=replace(p.scoreboard, clock="down")), 2),
    ],
    ids=["other events", "other scenes", "another clock"],
)
def test_a_recording_is_read_again_when_the_profile_changes_how_it_is_read(tmp_path, match, change, times):
    reader = Reader()
    for profile in (load("soccer"), change(load("soccer"))):
        cached_analysis(match, profile, reader, Store(tmp_path))
    assert reader.times == times


def test_cached_faults_name_the_file_as_it_is_called_now(tmp_path, match):
    path = match.parts[0].path
    damaged = replace(READ, faults=(Fault(path, "a damaged stretch"),))
    cached_analysis(match, load("soccer"), Reader(damaged), Store(tmp_path))
    moved = path.rename(tmp_path / "renamed.mp4")
    again = cached_analysis(recording(moved), load("soccer"), reader := Reader(), Store(tmp_path))
    assert ([fault.path for fault in again.faults], reader.times) == ([moved], 0)


def test_a_change_in_the_middle_of_a_file_of_the_same_length_is_seen(tmp_path, match):
    path, reader = match.parts[0].path, Reader()
    cached_analysis(match, load("soccer"), reader, Store(tmp_path))
    content = bytearray(path.read_bytes())
    content[333_333] ^= 1
    path.write_bytes(content)
    cached_analysis(match, load("soccer"), reader, Store(tmp_path))
    assert reader.times == 2


def test_an_unreadable_cached_analysis_is_rebuilt(tmp_path, match):
    reader, store = Reader(), Store(tmp_path)
    cached_analysis(match, load("soccer"), reader, store)
    with closing(sqlite3.connect(store.path)) as base, base:
        base.execute("update kept_2 set value = x'00' where kind = 'analysis'")
    assert cached_analysis(match, load("soccer"), reader, store) == READ
    assert reader.times == 2


def test_the_cache_is_listed_by_recording_and_can_be_cleared(tmp_path, match):
    store = Store(tmp_path)
    cached_analysis(match, load("soccer"), Reader(), store)
    assert [(k.kind, k.label, k.count) for k in store.listed()] == [("analysis", "match.mp4", 1), ("file", "match.mp4", 1)]
    assert store.clear() > 0
    assert store.listed() == []


def test_a_picture_is_made_once_and_one_that_failed_is_tried_again(tmp_path, match):
    made: list[float] = []

    def make(time_s: float) -> bytes | None:
        made.append(time_s)
        return b"JPEG of %.1f" % time_s if time_s < 50 else None

    first = cached_pictures(match, [1.0, 55.0], make, Store(tmp_path))
    again = cached_pictures(match, [1.0, 2.0, 55.0], make, Store(tmp_path))
    assert first == {1.0: b"JPEG of 1.0"}
    assert again == {1.0: b"JPEG of 1.0", 2.0: b"JPEG of 2.0"}
    assert made == [1.0, 55.0, 2.0, 55.0]


def test_a_picture_belongs_to_its_file_and_its_instant_in_it(tmp_path, match):
    second = tmp_path / "second.mp4"
    second.write_bytes(b"another half" * 1000)
    store, first = Store(tmp_path), match.parts[0].path
    cached_pictures(recording(first, second), [5.0, 65.0], lambda time_s: b"%.0f" % time_s, store)
    swapped = cached_pictures(recording(second, first), [5.0, 65.0], lambda time_s: b"decoded again", store)
    assert swapped == {5.0: b"65", 65.0: b"5"}


def test_an_entry_that_is_used_again_is_kept_longer(tmp_path):
    store = Store(tmp_path)
    store.put("answer", "match.mp4", [(b"a", b"said"), (b"b", b"said")])
    with closing(sqlite3.connect(store.path)) as base, base:
        base.execute("update kept_2 set used = used - 10000")
        store_now = base.execute("select unixepoch()").fetchone()[0]
    store.get([b"a"])
    with closing(sqlite3.connect(store.path)) as base, base:
        used = dict(base.execute("select key, used from kept_2"))
    assert used[b"a"] >= store_now > used[b"b"]


def test_a_read_only_cache_is_read(tmp_path):
    store = Store(tmp_path)
    store.put("answer", "match.mp4", [(b"a", b"said")])
    with closing(sqlite3.connect(store.path)) as base, base:
        base.execute("update kept_2 set used = used - 10000")
    content = bytearray(store.path.read_bytes())
    content[18] = 3  # the version for writing, by SQLite's description of its files: from 3 on they are not written to
    store.path.write_bytes(content)
    store.put("answer", "match.mp4", [(b"b", b"said")])
    assert "readonly" in store.problem
    assert store.get([b"a", b"b"]) == [b"said", None]
    assert store.path.read_bytes() == content


def test_a_full_disk_only_disables_caching(tmp_path):
    store = Store(tmp_path)
    store.put("answer", "match.mp4", [(b"a", b"said")])
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (store.path.stat().st_size, allowed[1]))
    try:
        store.put("answer", "match.mp4", [(b"b", random.Random(0).randbytes(100_000))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
    assert "full" in store.problem or "I/O" in store.problem
    assert Store(tmp_path).get([b"a", b"b"]) == [b"said", None]


def test_entries_of_an_earlier_version_are_dropped_and_those_of_a_later_one_left_alone(tmp_path):
    store = Store(tmp_path)
    with closing(sqlite3.connect(store.path)) as base, base:
        for version in (1, 3):
            base.execute(f"create table kept_{version} (what text)")
    store.put("answer", "match.mp4", [(b"a", b"said")])
    with closing(sqlite3.connect(store.path)) as base, base:
        tables = {name for (name,) in base.execute("select name from sqlite_master")}
    assert tables == {"kept_2", "kept_3"}
    assert store.get([b"a"]) == [b"said"]


@pytest.fixture
def copies(tmp_path: Path) -> list[Path]:
    """Three copies for browsers of 1000 bytes, the first one longest unused."""
    folder = tmp_path / "proxies"
    folder.mkdir()
    files = [folder / f"{name}.mp4" for name in "abc"]
    for hour, file in enumerate(files):
        file.write_bytes(bytes(1000))
        os.utime(file, (3600 * hour, 0))
    return files


@pytest.mark.parametrize(("most", "left"), [(3000, "abc"), (2999, "bc"), (1000, "c"), (0, "c")])
def test_the_least_recently_used_browser_copies_are_removed_first_and_the_newest_stays(copies, monkeypatch, most, left):
    monkeypatch.setattr("highlights.cache.copies.MOST_COPIES_BYTES", most)
    trim_copies(copies[0].parent, copies[2])
    assert "".join(file.stem for file in copies if file.exists()) == left


def test_a_copy_just_made_stays_even_if_its_timestamp_is_old(copies, monkeypatch):
    monkeypatch.setattr("highlights.cache.copies.MOST_COPIES_BYTES", 1000)
    trim_copies(copies[0].parent, copies[0])
    assert [file.stem for file in copies if file.exists()] == ["a"]


def test_a_copy_that_is_played_is_in_use(tmp_path, match, monkeypatch):
    monkeypatch.setenv("HIGHLIGHTS_CACHE", str(tmp_path))
    copy = tmp_path / "proxies" / f"{fingerprint(match.parts[0].path, Store())}.mp4"
    copy.parent.mkdir()
    copy.write_bytes(b"a copy")
    os.utime(copy, (1000, 2000))
    assert Proxies(match, Worker()).file(0) == copy
    assert (copy.stat().st_atime > 1_000_000, copy.stat().st_mtime) == (True, 2000)
    assert ("copy", "match.mp4", 6) in [(kept.kind, kept.label, kept.size_bytes) for kept in Store().listed()]
