"""A request to end is never lost."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.support.places import ROOT

SWALLOWED = """
import os, signal, sys
from highlights.cli import interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)
for name in ("SIGTERM", "SIGHUP"):
    signal.signal(getattr(signal, name), signal.SIG_DFL)
interrupts.install()
interrupts.check()
class Closes:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv[1]))
        sum(range(10))
Closes()
print("swallowed", flush=True)
try:
    interrupts.check()
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_request_to_end_that_a_destructor_swallowed_is_raised_again(number: int, code: int) -> None:
    command = [sys.executable, "-c", SWALLOWED, str(int(number))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "swallowed\n"
    assert done.returncode == code
