"""What was computed from a recording, cached by the content of its files: fingerprints, analyses, pictures."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from hashlib import blake2b, sha256
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from highlights.analysis.sound.music import installed
from highlights.cache.store import Store, digest
from highlights.media.faults import FaultCounter
from highlights.profile import Profile, SceneRules
from highlights.records import Analysis, Fault, Part, Recording
from highlights.systems import text_of_path

LOG = logging.getLogger(__name__)

_BLOCK_BYTES = 16 * 2**20
PACKAGE = Path(__file__).resolve().parents[1]


def fingerprint(path: Path, store: Store) -> str:
    """A hash of a file's content; the file is read for it once, and again only if it has changed."""
    key = _file_key(path)
    hashed = store.get([key])[0]
    if hashed is None:
        hashed = _hashed(path)
        store.put("file", path.name, [(key, hashed)])
    return hashed.hex()


def _hashed(path: Path) -> bytes:
    """SHA-256 of the SHA-256 of each block of a file: the blocks are hashed on all cores."""

    def of_block(start: int) -> bytes:
        with path.open("rb") as file:
            file.seek(start)
            return sha256(file.read(_BLOCK_BYTES)).digest()

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return sha256(b"".join(pool.map(of_block, range(0, path.stat().st_size, _BLOCK_BYTES)))).digest()


def _file_key(path: Path) -> bytes:
    state = path.stat()
    return digest("file", str(path.resolve()), state.st_ino, state.st_size, state.st_mtime_ns)


def _known_fingerprints(paths: Sequence[Path], store: Store) -> list[str]:
    """The fingerprint of each file, without reading any; none at all if one is not cached, or a file is gone."""
    with suppress(OSError):
        known = [hashed.hex() for hashed in store.get([_file_key(path) for path in paths]) if hashed is not None]
        return known if len(known) == len(paths) else []
    return []


def cached_recording(
    paths: Sequence[Path], audio_track: int | None, lost: FaultCounter, opened: Callable[[], Recording], store: Store
) -> Recording:
    """The recording in `paths` as it was opened before, or else the result of `opened`, which is then cached.

    What was lost on opening it is counted in `lost`; a recording of which something was is opened again each time.
    """
    if known := _known_fingerprints(paths, store):
        value = store.get([_recording_key(known, audio_track)])[0]
        if value is not None:
            with suppress(ValidationError):
                parts = _PARTS().validate_json(value)
                return Recording(tuple(replace(part, path=path) for part, path in zip(parts, paths, strict=True)))
    recording = opened()
    if not lost.faults:
        value = _PARTS().dump_json([replace(part, path=Path(_number(n))) for n, part in enumerate(recording.parts)])
        key = _recording_key(fingerprints(recording, store), audio_track)
        store.put("recording", ", ".join(path.name for path in paths), [(key, value)])
    return recording


def _recording_key(files: Sequence[str], audio_track: int | None) -> bytes:
    return digest("recording", files, audio_track, code_version(PACKAGE))


@cache
def _PARTS() -> TypeAdapter[list[Part]]:  # noqa: N802  # as `_ANALYSES`
    return TypeAdapter(list[Part])


def cached_analysis(recording: Recording, profile: Profile, read: Callable[[], Analysis], store: Store) -> Analysis:
    """The cached analysis of a recording, or else the result of `read`, which is then cached.

    If a file changed or vanished meanwhile, that is a fault, and nothing is cached.
    """
    key = digest(
        fingerprints(recording, store),
        [part.audio_track for part in recording.parts],
        _settings(profile),
        installed(),
        code_version(PACKAGE),
    )
    paths = [str(part.path) for part in recording.parts]
    value = store.get([key])[0]
    if value is not None:
        with suppress(ValidationError):
            analysis = _unfolded(value, paths)
            LOG.info("the analysis is cached")
            return analysis
    LOG.info("no analysis is cached: reading %s", ", ".join(paths))
    before, analysis = [_state(part.path) for part in recording.parts], read()
    changed = [part.path for part, state in zip(recording.parts, before, strict=True) if _state(part.path) != state]
    if changed:
        faults = (Fault(path, "changed while it was read: run again once it is complete") for path in changed)
        return replace(analysis, faults=(*analysis.faults, *faults))
    value = _ANALYSES().dump_json(_with_numbers(analysis, paths))
    store.put("analysis", ", ".join(part.path.name for part in recording.parts), [(key, value)])
    return _unfolded(value, paths)  # exactly what the cache will return next time


def _state(path: Path) -> tuple[int, int] | None:
    """Size and time of change of a file; None if it is gone."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


@cache
def _ANALYSES() -> TypeAdapter[Analysis]:  # noqa: N802  # a constant that is built only when needed
    return TypeAdapter(Analysis)


def _with_numbers(analysis: Analysis, paths: Sequence[str]) -> Analysis:
    """The analysis with numbers of parts in place of file names, which may change and may be no text."""
    numbers = {path: _number(part) for part, path in enumerate(paths)}
    faults = (replace(f, path=Path(numbers.get(str(f.path)) or text_of_path(f.path))) for f in analysis.faults)
    return replace(analysis, faults=tuple(faults))


def _unfolded(value: bytes, paths: Sequence[str]) -> Analysis:
    """A cached analysis with the current names of its files."""
    analysis, names = _ANALYSES().validate_json(value), {_number(part): path for part, path in enumerate(paths)}
    faults = (replace(fault, path=Path(names.get(str(fault.path), fault.path))) for fault in analysis.faults)
    return replace(analysis, faults=tuple(faults))


def _number(part: int) -> str:
    return f"part {part}"


def cached_pictures(
    recording: Recording, times_s: Sequence[float], make: Callable[[float], bytes | None], store: Store
) -> dict[float, bytes]:
    """A picture of each instant that has one: cached, or else the result of `make`, which is then cached."""
    files = fingerprints(recording, store)
    keys = {time_s: _picture_key(recording, files, time_s) for time_s in times_s}
    cached = dict(zip(keys, store.get([*keys.values()]), strict=True))
    missing = [time_s for time_s, picture in cached.items() if picture is None]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        made = dict(zip(missing, pool.map(make, missing), strict=True))
    new = {time_s: picture for time_s, picture in made.items() if picture is not None}
    if new:
        label = ", ".join(part.path.name for part in recording.parts)
        store.put("picture", label, [(keys[time_s], picture) for time_s, picture in new.items()])
    return {time_s: picture for time_s, picture in (cached | new).items() if picture is not None}


def cached_cuts(recording: Recording, times_s: Sequence[float], rules: SceneRules, store: Store) -> dict[float, float | None]:
    """The exact time of the cut that was placed at each of these times, cached; None where there is none after all."""
    files = fingerprints(recording, store)
    keys = {time_s: digest("cut", files, time_s, asdict(rules), code_version(PACKAGE)) for time_s in times_s}
    cached = dict(zip(keys, store.get([*keys.values()]), strict=True))
    if missing := [time_s for time_s, value in cached.items() if value is None]:
        from highlights.analysis.closer import exact_cuts  # decodes: not needed once the cuts are cached

        turns = exact_cuts(recording, missing, rules)
        new = {time_s: b"" if turn is None else repr(turn.time_s).encode() for time_s, turn in zip(missing, turns, strict=True)}
        store.put("cut", ", ".join(part.path.name for part in recording.parts), [(keys[t], value) for t, value in new.items()])
        cached |= new
    return {time_s: float(value) if value else None for time_s, value in cached.items()}


def _picture_key(recording: Recording, files: Sequence[str], time_s: float) -> bytes:
    number = recording.part_at(time_s)
    return digest("picture", files[number], round(time_s - recording.parts[number].start_s, 3), code_version(PACKAGE))


def _settings(profile: Profile) -> object:
    """The settings of a profile that the analysis of a recording depends on."""
    rules = profile.scoreboard
    steps = {counter: list(step) for counter, step in sorted(rules.steps.items())}
    pinned = [rules.box, sorted(rules.cells.items()), sorted(rules.labels), rules.dash]
    return [asdict(profile.scenes), rules.layout, steps, rules.clock, rules.max_score, *pinned, profile.play is not None]


@cache
def code_version(package: Path) -> str:
    """A hash of the code that reads recordings, nested folders included: a change invalidates what is cached."""
    nested = sorted(file for folder in ("analysis", "media") for file in (package / folder).rglob("*.py"))
    files = [*nested, package / "records.py", package / "spans.py"]
    return blake2b(b"\0".join(file.read_bytes() for file in files), digest_size=16).hexdigest()


def fingerprints(recording: Recording, store: Store) -> list[str]:
    """The fingerprint of each file of a recording."""
    return [fingerprint(part.path, store) for part in recording.parts]
