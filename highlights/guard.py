"""What a command gives up before it reads a recording: it writes only where its results go, and opens no connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from highlights.cache.store import cache_folder
from highlights.confinement import confine
from highlights.errors import ModelError
from highlights.finders.choice import ModelOptions, choose
from highlights.supervision import is_apart

NO_MODELS = ModelOptions(finders=("signals",))


@contextmanager
def guarded(*folders: Path, models: ModelOptions = NO_MODELS) -> Iterator[None]:
    """From here on this process writes only below `folders` and into the cache, also after the block.

    Missing folders are made first, as rules are for existing ones; if the block fails, they are removed again.
    Not confined is a process that runs a model, which needs a graphics card with its caches, or a server; and one that does
    other things after that, such as a program that uses this package.

    Raises:
        HighlightsError: a limit in the environment is invalid.
    """
    try:
        alone = choose(models).finders == NO_MODELS.finders
    except ModelError:  # reported by the run itself, after what it checks first
        alone = False
    if not (alone and is_apart()):
        yield
        return
    made = [folder for place in folders for folder in (place, *place.parents) if not folder.exists()]
    for folder in (*folders, cache_folder()):
        with suppress(OSError):  # reported by who writes there
            folder.mkdir(parents=True, exist_ok=True)
    confine([*folders, cache_folder()], {folder.absolute().parent for folder in made})
    try:
        yield
    except BaseException:
        for folder in made:
            with suppress(OSError):  # not empty
                folder.rmdir()
        raise
