"""Files dropped on the page: copied into the library piece by piece, resumed after an interruption, never half there.

.uploads/ID.part    what has arrived           recordings/NAME.mp4    once it is whole
"""

from __future__ import annotations

import os
import re
import shutil
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from threading import Lock

from highlights.batch.folders import SUFFIXES, is_video
from highlights.errors import OutputError
from highlights.library.folder import RECORDINGS
from highlights.media.aside import output_error
from highlights.systems import is_file_name, to_file_name

FOLDER = ".uploads"
SPARE_BYTES = 200_000_000
"""What must stay free on the disk after a file has arrived: the results need some."""
ABANDONED_S = 30 * 86_400
"""A file that has not gone on for so long is removed at the next start."""
_ID = re.compile(r"[0-9a-f]{32}-\d{1,15}")


class Uploads:
    """Files on their way into the library at `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = Lock()
        for file in (root / FOLDER).glob("*.part"):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > ABANDONED_S:
                    file.unlink()

    def begin(self, name: str, size_bytes: int, modified_ms: int) -> dict[str, object]:
        """Announce a file; the same file gets the same identifier again, and goes on after what has arrived.

        Raises:
            OutputError: it is not a recording by its name, or the disk is too small for it.
        """
        plain = to_file_name(name)
        if not is_file_name(plain) or plain.startswith(".") or not is_video(plain):
            raise OutputError(name[:200], f"this is not a recording; recordings end in {', '.join(SUFFIXES)}")
        if size_bytes < 1:
            raise OutputError(plain, "this file is empty")
        told = f"{plain}\n{size_bytes}\n{modified_ms}".encode("utf-8", "surrogateescape")
        upload = f"{blake2b(told, digest_size=16).hexdigest()}-{size_bytes}"
        try:
            (self._root / FOLDER).mkdir(parents=True, exist_ok=True)
            received = self._file(upload).stat().st_size if self._file(upload).exists() else 0
            free = shutil.disk_usage(self._root).free
            if size_bytes - received > free - SPARE_BYTES:
                missing = (size_bytes - received + SPARE_BYTES - free) / 1e9
                raise OutputError(plain, f"the disk of the library is too small: {missing:.1f} GB more must be free")
            self._file(upload).touch()
        except OSError as error:
            raise output_error(self._root, error) from error
        return {"id": upload, "received": min(received, size_bytes)}

    def append(self, upload: str, at: int, chunk: bytes) -> int:
        """Add a piece that begins at byte `at`, and return how many bytes have arrived.

        Raises:
            OutputError: no such file was announced, the piece does not follow the last one, or it cannot be written.
        """
        size = int(upload.rpartition("-")[2]) if _ID.fullmatch(upload) else 0
        with self._lock:
            file = self._announced(upload)
            try:
                received = file.stat().st_size
                if at != received:
                    return received  # the page goes on from there
                if received + len(chunk) > size:
                    raise OutputError("this file", "is larger than it was announced: drop it again")
                with file.open("ab") as target:
                    target.write(chunk)
                return received + len(chunk)
            except OSError as error:
                raise output_error(file, error) from error

    def finish(self, upload: str, name: str) -> Path:
        """The file in the library, once it is whole.

        Raises:
            OutputError: a part of it is missing, or it cannot be put in place.
        """
        plain = to_file_name(name)
        if not is_file_name(plain) or plain.startswith(".") or not is_video(plain):
            raise OutputError(name[:200], "this is not the name of a recording")
        with self._lock:
            file = self._announced(upload)
            try:
                if file.stat().st_size != int(upload.rpartition("-")[2]):
                    raise OutputError(plain, "has not arrived completely: drop it again, and it goes on")
                folder = self._root / RECORDINGS
                folder.mkdir(exist_ok=True)
                target, number = folder / plain, 2
                while target.exists():
                    target, number = folder / f"{Path(plain).stem}-{number}{Path(plain).suffix}", number + 1
                with file.open("r+b") as written:
                    os.fsync(written.fileno())
                file.rename(target)
            except OSError as error:
                raise output_error(file, error) from error
        return target

    def discard(self, upload: str) -> None:
        """Forget a file that has not arrived completely."""
        with self._lock:
            self._announced(upload).unlink(missing_ok=True)

    def _announced(self, upload: str) -> Path:
        file = self._file(upload) if _ID.fullmatch(upload) else None
        if file is None or not file.is_file():
            raise OutputError("this file", "was not announced: drop it again")
        return file

    def _file(self, upload: str) -> Path:
        return self._root / FOLDER / f"{upload}.part"
