"""How the review page ends."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.commands import LISTENING, after
from tests.support.served import make_match


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_page_is_served_at_the_printed_address_until_it_is_stopped(number: signal.Signals, tmp_path: Path) -> None:
    make_match(tmp_path)
    command = after(LISTENING, [sys.executable, "-u", "-m", "highlights", "review", str(tmp_path), "--no-browser"])
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as page:
        assert page.stdout is not None
        link = urlsplit(page.stdout.readline())
        answered = http.client.HTTPConnection(link.netloc)
        answered.request("GET", f"{link.path}?{link.query}")
        assert answered.getresponse().status == 303
        answered.close()
        page.send_signal(number)
        told = page.communicate()[1]
    assert page.returncode == (0 if number == signal.SIGINT else 128 + number)
    assert "Traceback" not in told


def test_ctrl_c_as_soon_as_the_address_is_printed_is_quiet(tmp_path: Path) -> None:
    make_match(tmp_path)
    command = [sys.executable, "-c", AT_THE_LINK, "review", str(tmp_path), "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("http://127.0.0.1:")
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


AT_THE_LINK = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from highlights.cli import show
from highlights.cli.main import main
link = show.link
def interrupted(*arguments, **more):
    link(*arguments, **more)
    os.kill(os.getpid(), signal.SIGINT)
show.link = interrupted
main()
"""
"""Presses Ctrl-C right after the link is printed: before the server answers."""
