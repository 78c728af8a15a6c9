"""Ids are derived from what they identify."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from state.ids import derived_id


def test_the_same_parts_give_the_same_id_in_every_process_and_year():
    """A changed figure here means that every stored id is orphaned."""
    assert derived_id("st", "https://a.example/1") == derived_id("st", "https://a.example/1")
    assert derived_id("st", "https://a.example/1") == "st_mixuvoakycmkqjh3"


def test_where_one_part_ends_and_the_next_begins_matters():
    assert derived_id("al", "ab", "c") != derived_id("al", "a", "bc")
    assert derived_id("al", "ab") != derived_id("al", "ab", "")


@given(st.lists(st.text(), max_size=3))
def test_any_text_makes_a_short_safe_id_even_with_half_a_surrogate_pair(parts):
    assert re.fullmatch(r"de_[a-z2-7]{16}", derived_id("de", *parts, "\ud83d"))
