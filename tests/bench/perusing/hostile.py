"""Measure what pages made to cost do cost."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import re
import time
from multiprocessing import get_context
from pathlib import Path

from crawler.reading.page import read_page, read_text
from crawler.workers import Workers
from perusing.samples import ROOT
from state.errors import ReadError
from state.records import Page


def measure_hostile() -> list[str]:
    """Read pages made to cost, each in a process of its own, and tell the slowest and the largest."""
    rows = ["| hostile page | megabytes | seconds | peak memory, MB |", "|---|---|---|---|"]
    for name, inside in _hostile_pages().items():
        with get_context("spawn").Pool(1) as pool:
            seconds, memory = pool.apply(_cost, (inside,))
        rows.append(f"| {name} | {len(inside.encode()) / 1e6:.1f} | {seconds:.1f} | {memory} |")
    return rows


def _cost(inside: str) -> tuple[float, int]:
    read_text("x:", "Warm up the language classifier with a sentence of some length before time is taken.")
    start = time.perf_counter()
    with contextlib.suppress(ReadError):
        read_page(Page("x:", "x:", f"<html><body>{inside}</body></html>".encode(), None))
    took = time.perf_counter() - start
    # Not getrusage: a child begins there with its parent's peak.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))
    return took, int(peak[1]) // 1024 if peak else 0


def measure_large_hostile() -> list[str]:
    """Read the same pages at 10 MB through the daemon's worker, under its deadline and its memory limit."""
    return asyncio.run(_through_a_worker())


async def _through_a_worker() -> list[str]:
    rows = ["| hostile page of 10 MB | ends as | seconds |", "|---|---|---|"]
    workers = Workers(1)
    with contextlib.suppress(ReadError):  # the first pays for starting the worker
        await workers.run(read_page, Page("x:", "x:", b"<p>Warm up.</p>", None))
    for name, inside in _hostile_pages().items():
        body = f"<html><body>{inside * (10_000_000 // len(inside.encode()) + 1)}</body></html>".encode()
        start = time.perf_counter()
        try:
            reading = await workers.run(read_page, Page("x:", "x:", body[:10_000_000], None))
            end = f"article of {len(reading.article.text):,} characters"
        except ReadError as error:
            end = str(error)
        rows.append(f"| {name} | {end} | {time.perf_counter() - start:.1f} |")
    workers.close()
    return rows


def _hostile_pages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("hostile", ROOT / "tests/crawler/reading/test_hostile.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pages: dict[str, str] = module.PAGES
    return pages
