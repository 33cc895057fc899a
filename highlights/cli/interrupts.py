"""Ctrl-C and the other requests to end: raised where the program is, and once more if a library swallowed the exception.

An exception that is raised inside a destructor or a C callback is dropped by Python, and with it the request. So the request is
remembered, and `check`, called whenever progress is made, raises it again.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

from highlights.systems import ending_signals

_requests: list[int] = []


def install() -> None:
    """Handle Ctrl-C, SIGTERM and SIGHUP, unless they are ignored or handled otherwise; forget earlier requests."""
    _requests.clear()
    for number in (signal.SIGINT, *ending_signals()):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _on_signal)


def check() -> None:
    """End the program if that was requested."""
    if _requests:
        _end(_requests[0])


def _on_signal(number: int, frame: FrameType | None) -> None:
    _requests.append(number)
    _end(number)


def _end(number: int) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)
