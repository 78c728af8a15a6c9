"""What a webhook's receiver may do, in three phases each, and the outcome Standard Webhooks 1.0 asks for."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from receivers import attempt, disagreement, matrix

from alerts.message import Message

# Where the status comes at all, a busy machine gets the time to see it.
SHORT, LONG = 0.4, 20.0
MESSAGE = Message(
    "dl_1", datetime(2026, 11, 21, tzinfo=UTC), "subject", "text", "<p>html</p>", {"type": "alert"}
)
CELLS = matrix(SHORT)


def test_the_matrix_has_three_phases_for_each_of_its_behaviours():
    phases = Counter(cell.behaviour for cell in CELLS)
    assert len(phases) >= 18
    assert set(phases.values()) == {3}


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_whatever_a_receiver_does_has_the_outcome_of_the_standard(cell, tmp_path):
    patience = LONG if not cell.waits else SHORT if cell.outcome == "RetryLater" else 5 * SHORT
    outcome, receiver = attempt(cell, MESSAGE, patience, tmp_path)
    assert disagreement(cell, outcome, receiver) is None
