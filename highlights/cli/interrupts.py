"""Ctrl-C and the other requests to end: raised where the program is, and once more if a library swallowed the exception.

An exception that is raised inside a destructor or a C callback is dropped by Python, and with it the request. So the request is
remembered, and `check`, called whenever progress is made, raises it again.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from highlights.supervision import note_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

_requests: list[int] = []
_installed: list[int] = []


def end_at_once() -> None:
    """End the process at a signal, without a word: while nothing is being written, there is nothing to clean up."""
    _handle(_leave, [signal.SIGINT, *_installed])


def install() -> None:
    """Handle Ctrl-C, SIGTERM and SIGHUP, unless they are ignored or handled otherwise; forget earlier requests."""
    from highlights.systems import ending_signals  # what is loaded before `end_at_once` cannot be ended quietly

    _requests.clear()
    _installed[:] = ending_signals()
    _handle(_on_signal, [signal.SIGINT, *_installed])


def _handle(handler: Callable[[int, FrameType | None], None], numbers: Iterable[int]) -> None:
    for number in numbers:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler, _leave, _on_signal):
            signal.signal(number, handler)


def check() -> None:
    """End the program if that was requested."""
    if _requests:
        _end(_requests[0])


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    note_request()
    os._exit(128 + number)


def _on_signal(number: int, frame: FrameType | None) -> None:
    note_request()
    _requests.append(number)
    _end(number)


def _end(number: int) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)
