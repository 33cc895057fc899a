"""Files at URLs (s3://, gs://, https:// and whatever else fsspec supports), downloaded whole and uploaded whole.

    s3://season/final.mp4 ──► CACHE/fetched/…/final.mp4 ──► run ──► CACHE/fetched/…/reel.mp4 ──► s3://results/final/reel.mp4

A decoder seeks in its file at each cut and for each clip: on an object store every seek would be a request. So a recording is
copied to this machine first, and the copy is deleted afterwards. A place without `://` is a path.

Error messages of a store are never passed on: they may hold a key or a signed address.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import disk_usage, rmtree
from socket import gethostname
from tempfile import TemporaryDirectory
from threading import get_ident
from typing import Any
from urllib.parse import unquote, urlsplit

from highlights.cache.store import cache_folder
from highlights.errors import HighlightsError, OutputError, RecordingError
from highlights.logs import without_secrets
from highlights.media.aside import output_error, write_aside
from highlights.progress import StageProgress, no_stage_progress
from highlights.systems import is_running

INSTALL = "pip install 'highlights[storage]'"
LAST = "timeline.json"
"""Uploaded last: where it exists, so does everything else."""
_CONTENT_MARKS = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "last_modified", "created")
"""What stores tell that changes with an object's content, the best first: S3, Google, Azure, files and others."""


def is_url(place: str) -> bool:
    """Whether a place is a URL rather than a path.

    >>> is_url("s3://season/final.mp4"), is_url("season/final.mp4")
    (True, False)
    """
    return "://" in place


def is_web(place: str) -> bool:
    """Whether a place is an address of the web, which has files but no folders."""
    return place.startswith(("http://", "https://"))


def name_of(place: str) -> str:
    """The name of the file at a place.

    >>> name_of("https://example.org/the%20final.mp4?key=1")
    'the final.mp4'
    """
    return Path(unquote(urlsplit(place).path)).name if is_web(place) else Path(place).name


def at(place: str, *names: str) -> str:
    """The place of a file in a folder.

    >>> at("s3://season/", "final", "reel.mp4")
    's3://season/final/reel.mp4'
    """
    return "/".join([place.rstrip("/"), *names]) if is_url(place) else os.fspath(Path(place, *names))


def listed(url: str) -> dict[str, str]:
    """The objects that a URL names, itself, all below a folder, or those matching a pattern, by their path in that folder.

    Raises:
        RecordingError: the store cannot be reached.
    """
    if is_web(url):
        return {name_of(url): url}  # the web has no folders to list
    with _own_errors(url, RecordingError):
        store, path = _opened(url)
        folder = re.split(r"[*?\[]", path)[0]
        if folder != path:
            folder, found = folder.rpartition("/")[0], [each for each in store.glob(path) if store.isfile(each)]
        else:
            found = store.find(path)
        folder = folder.rpartition("/")[0] if found == [path] else folder
        return {each[len(folder) :].lstrip("/"): store.unstrip_protocol(each) for each in sorted(found)}


def read(place: str) -> bytes:
    """The content of a file.

    Raises:
        RecordingError: it cannot be read.
    """
    with _own_errors(place, RecordingError):
        if not is_url(place):
            return Path(place).read_bytes()
        store, path = _opened(place)
        content: bytes = store.cat_file(path)
        return content


@contextmanager
def fetched(places: Sequence[str], progress: StageProgress = no_stage_progress) -> Iterator[list[Path]]:
    """The files on this machine: paths as they are, and copies of what is at URLs, which are deleted after the block.

    Raises:
        RecordingError: one of them cannot be fetched.
    """
    if not any(map(is_url, places)):
        yield [Path(place) for place in places]
        return
    with _work_folder() as folder:
        paths: list[Path] = []
        for number, place in enumerate(places):
            path = folder / str(number) / name_of(place) if is_url(place) else Path(place)
            if is_url(place):
                _fetch(place, path, lambda share, done=number: progress((done + share) / len(places)))  # type: ignore[misc]
            paths.append(path)
        with _errors_name_urls(dict(zip(paths, places, strict=True))):
            yield paths


@contextmanager
def _errors_name_urls(places: Mapping[Path, str]) -> Iterator[None]:
    """Errors about a copy name the original."""
    try:
        yield
    except RecordingError as error:
        if error.path not in places:
            raise
        raise RecordingError(without_secrets(places[error.path]), error.problem) from error


def _fetch(url: str, target: Path, progress: StageProgress) -> None:
    with _own_errors(url, RecordingError):
        progress(0.0)
        store, path = _opened(url)
        _check_fits(url, int(store.info(path).get("size") or 0), target)
        target.parent.mkdir()
        store.get_file(path, str(target), callback=_callback(progress))


def _check_fits(url: str, size_bytes: int, target: Path) -> None:
    free_bytes = disk_usage(target.parent.parent).free
    if size_bytes > free_bytes:
        problem = f"its {size_bytes / 1e9:.1f} GB do not fit into the {free_bytes / 1e9:.1f} GB free for copies"
        raise RecordingError(without_secrets(url), f"{problem}; set HIGHLIGHTS_CACHE to another folder")


def _callback(progress: StageProgress) -> Any:
    """fsspec's own callback, which passes the progress on."""
    from fsspec import Callback

    return Callback(hooks={"tell": lambda size, value, **_: progress(value / size) if size else None})


@contextmanager
def folder(place: str) -> Iterator[Path]:
    """A folder to write into: the one at a path; for a URL a temporary one, whose files are uploaded if the block succeeds.

    Raises:
        OutputError: they cannot be uploaded.
    """
    if not is_url(place):
        yield Path(place)
        return
    with _work_folder() as work:
        yield work
        with _own_errors(place, OutputError):
            store, path = _opened(place)
            for file in sorted(
                (file for file in work.rglob("*") if file.is_file()), key=lambda file: (file.name == LAST, file)
            ):
                store.put_file(str(file), at(path, file.relative_to(work).as_posix()))


def check_writable(url: str) -> None:
    """Check that objects can be written below a URL, before hours of work are done for it.

    Raises:
        OutputError: they cannot.
    """
    with _own_errors(url, OutputError):
        store, path = _opened(url)
        store.pipe_file(at(path, ".can-be-written"), b"")
        store.rm_file(at(path, ".can-be-written"))


def below(place: str, pattern: str) -> list[str]:
    """The files of a folder that match a pattern such as `*/timeline.json`."""
    if not is_url(place):
        return sorted(map(os.fspath, Path(place).glob(pattern)))
    with _own_errors(place, OutputError):
        store, path = _opened(place)
        return sorted(store.unstrip_protocol(each) for each in store.glob(at(path, pattern)))


def create(place: str, content: bytes) -> bool:
    """Write a file that does not exist yet; False if it exists, even if another process has just made it.

    Raises:
        OutputError: it cannot be written.
    """
    if not is_url(place):
        try:
            return _created(Path(place), content)
        except OSError as error:
            raise output_error(Path(place), error) from error
    with _own_errors(place, OutputError):
        store, path = _opened(place)
        if store.exists(path):
            return False
        with suppress(FileExistsError):
            store.pipe_file(path, content, mode="create")
            return True
        return False


def _created(path: Path, content: bytes) -> bool:
    """Make a file that is whole as soon as it exists, where the file system has links."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(f".{path.stem}.{os.getpid()}.{get_ident()}.part")
    whole.write_bytes(content)
    try:
        path.hardlink_to(whole)
        return True
    except FileExistsError:
        return False
    except OSError:  # FAT and some network disks have none
        pass
    finally:
        whole.unlink()
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


def replace(place: str, content: bytes) -> None:
    """Write a file, or replace it.

    Raises:
        OutputError: it cannot be written.
    """
    if not is_url(place):
        Path(place).parent.mkdir(parents=True, exist_ok=True)
        with write_aside(Path(place)) as aside:
            aside.write_bytes(content)
        return
    with _own_errors(place, OutputError):
        store, path = _opened(place)
        store.pipe_file(path, content)


def state_of(url: str) -> tuple[int | None, str]:
    """The size of an object in bytes, and what its store changes with its content; unknown ones are None and empty.

    Nothing is asked about a web address: a server may count it as a download, or allow only one.
    """
    if is_web(url):
        return None, ""
    with suppress(HighlightsError), _own_errors(url, RecordingError):
        store, path = _opened(url)
        told = store.info(path)
        marks = [str(told[name]) for name in _CONTENT_MARKS if told.get(name)]
        return told.get("size"), marks[0] if marks else ""
    return None, ""


def remove(place: str) -> None:
    """Delete a file, if it exists."""
    if not is_url(place):
        Path(place).unlink(missing_ok=True)
        return
    with _own_errors(place, OutputError), suppress(FileNotFoundError):
        store, path = _opened(place)
        if store.exists(path):
            store.rm_file(path)


def _opened(url: str) -> tuple[Any, str]:
    """The store and the path in it. Its listing cache is dropped: other processes write there too."""
    from fsspec.core import url_to_fs

    store, path = url_to_fs(url, **({"auto_mkdir": True} if url.startswith(("file://", "local://")) else {}))
    store.invalidate_cache()
    return store, path


@contextmanager
def _work_folder() -> Iterator[Path]:
    """A folder of this process, deleted after the block."""
    parent = cache_folder() / "fetched"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _remove_left_behind(parent)
        work = TemporaryDirectory(dir=parent, prefix=f"{gethostname()}-{os.getpid()}-")
    except OSError as error:
        raise output_error(parent, error) from error
    with work as folder:
        yield Path(folder)


def _remove_left_behind(parent: Path) -> None:
    """Delete the folders of processes on this machine that were killed."""
    for left in parent.glob(f"{gethostname()}-*-*"):
        if not is_running(int(left.name.split("-")[-2])):
            rmtree(left, ignore_errors=True)


@contextmanager
def _own_errors(place: str, kind: type[RecordingError] | type[OutputError]) -> Iterator[None]:
    """Errors of a store as ours: each store has its own, some with keys and signatures in them."""
    try:
        yield
    except HighlightsError:
        raise
    except Exception as error:  # noqa: BLE001  # a store's errors can be of any type
        raise kind(without_secrets(place), _problem(place, error)) from None


def _problem(place: str, error: Exception) -> str:
    protocol = place.partition("://")[0]
    name = type(error).__name__
    if isinstance(error, ImportError):
        return f"{protocol}:// needs a library that is not installed: {_library(protocol)}"
    if isinstance(error, FileNotFoundError):
        return "there is no such object or bucket" if is_url(place) else "there is no such file"
    if isinstance(error, PermissionError) or "Credentials" in name:
        return f"access is refused ({name}): check the credentials of this machine"
    if isinstance(error, ValueError) and name == "ValueError":
        return "is not the URL of a supported store"
    if isinstance(error, OSError) and error.strerror and not is_url(place):
        return error.strerror
    return f"cannot be reached ({name})"


def _library(protocol: str) -> str:
    """How to install what a protocol needs."""
    from importlib.util import find_spec

    others = {"gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "http": "aiohttp", "https": "aiohttp"}
    if find_spec("fsspec") is None or protocol not in others:
        return INSTALL
    return f"pip install {others[protocol]}"
