"""Fuzzing guided by which lines of the program are reached: `python -m benchmarks.torture.guided FOLDER [libFuzzer options]`.

It needs atheris, which is not part of the development environment. The first byte of an input chooses the door.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

with atheris.instrument_imports(include=["highlights"]):
    from benchmarks.torture.doors import found_in, of_code
    from highlights.errors import HighlightsError

MOST_BYTES = 4 * 2**30
CODE_ALONE = ("profile", "timeline", "answers", "search", "roster")


def main() -> None:
    """Fuzz until the time is over; ends the process."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    folder = Path(tempfile.mkdtemp(dir=sys.argv[1]))
    doors = [door for door in of_code(folder, found_in(Path(sys.argv[1]) / "seeds")) if door.name.startswith(CODE_ALONE)]
    begun = folder / "begun"
    begun.mkdir()
    for number, door in enumerate(doors):
        (begun / str(number)).write_bytes(bytes([number]) + door.document)

    def test_one(data: bytes) -> None:
        door = doors[data[0] % len(doors)] if data else doors[0]
        with suppress(HighlightsError):
            door.enter(data[1:])

    atheris.Setup([sys.argv[0], *sys.argv[2:], str(begun)], test_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
