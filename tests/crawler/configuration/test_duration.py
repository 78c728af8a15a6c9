"""Durations and sizes as people write them."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from crawler.configuration.duration import Duration, Size, parse_duration, parse_size, write_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("0.5s", 0.5),
        ("30m", 1800),
        ("1h30m", 5400),
        ("7d", 604_800),
        ("1w2d3h4m5s", 788_645),
        (" 2s ", 2),
        ("0s", 0),
    ],
)
def test_durations(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    ["", "s", "5", "5 minutes", "1m1h", "-5s", "1.5h", "5S", "5s5s", "１m", "1e3s", "10ms", "9" * 5000 + "w"],
)
def test_what_is_no_duration_is_told_with_an_example(text):
    with pytest.raises(ValueError, match="write it like 90s, 30m, 1h30m or 7d"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1024", 1024),
        ("0", 0),
        ("500kB", 500_000),
        ("16MiB", 16 * 2**20),
        ("1.5 MiB", 3 * 2**19),
        ("2GB", 2 * 10**9),
        ("16mib", 16 * 2**20),
        ("7 b", 7),
    ],
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "lots", "16 MiBs", "-1", "1,5MB", "MiB"])
def test_what_is_no_size_is_told_with_an_example(text):
    with pytest.raises(ValueError, match="write it like 16MiB or 500kB"):
        parse_size(text)


@pytest.mark.parametrize("value", [2, 2.5, 0])
def test_a_bare_number_is_no_duration_because_nobody_knows_of_what(value):
    with pytest.raises(ValidationError, match=f"{value} has no unit; write it like {value}s"):
        TypeAdapter(Duration).validate_python(value)


def test_a_bare_number_is_a_size_in_bytes():
    assert TypeAdapter(Size).validate_python(4096) == 4096


@pytest.mark.parametrize(("kind", "value"), [(Duration, True), (Duration, []), (Size, None), (Size, {})])
def test_other_kinds_of_values_are_refused(kind, value):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text):
    for parse in (parse_duration, parse_size):
        with contextlib.suppress(ValueError, OverflowError):
            assert parse(text) is not None


@given(st.integers(0, 999_999), st.integers(0, 23), st.integers(0, 59))
def test_what_is_written_in_parts_adds_up(days, hours, minutes):
    assert parse_duration(f"{days}d{hours}h{minutes}m") == timedelta(days=days, hours=hours, minutes=minutes)


@pytest.mark.parametrize("text", ["0s", "1s", "15m", "1h30m", "7d", "2d1h1m1s"])
def test_durations_are_written_as_they_are_read(text):
    assert write_duration(parse_duration(text)) == text
