"""One browser for all pages: started when first needed, closed when idle, and what is missing is named."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from crawler.fetching import browser as browsers
from crawler.fetching.browser import Browser, missing
from state.errors import FetchError

needs_chromium = pytest.mark.skipif(missing(None) is not None, reason=str(missing(None)))


def _anywhere(_):
    return True


@needs_chromium
async def test_it_starts_once_and_is_closed_when_nobody_has_used_it_for_a_while(monkeypatch):
    monkeypatch.setattr(browsers, "IDLE", 0.05)
    browser = Browser()
    gone = asyncio.Event()
    async with browser.use(_anywhere), browser.use(_anywhere):
        running = await browser.running()
        assert await browser.running() is running
        running.on("disconnected", lambda _: gone.set())
    await gone.wait()
    await browser.close()
    assert not running.is_connected()


@needs_chromium
async def test_a_program_that_is_no_browser_fails_clearly_and_leaves_nothing_behind(tmp_path):
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho no display; exit 3\n")
    program.chmod(0o755)
    browser = Browser(program)
    with pytest.raises(FetchError, match=r"need a browser, which did not start: .*closed"):
        async with browser.use(_anywhere):
            pass
    assert browser._driver is browser._gate is None


async def test_what_is_missing_is_named_before_anything_is_started(monkeypatch):
    monkeypatch.setattr(browsers, "find_spec", lambda name: None)
    with pytest.raises(
        FetchError, match=r"but the extra `browser` is not installed; run pip install 'yuewatch\[browser\]'"
    ):
        async with Browser().use(_anywhere):
            pass


def test_the_program_is_looked_for_by_its_usual_names_or_taken_from_the_configuration(monkeypatch, tmp_path):
    monkeypatch.setattr(browsers, "find_spec", lambda name: object())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing(None) == (
        "there is no Chromium; install it (apt install chromium), or name its program as fetching.browser"
    )
    program = tmp_path / "google-chrome"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert missing(None) is None
    assert missing(program) is None
    assert "no program that can be run" in str(missing(Path("/nowhere/chromium")))
