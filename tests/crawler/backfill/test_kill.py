"""Killed at any moment and resumed, a backfill leaves exactly what an undisturbed one leaves. More: `make bench-backfill`."""

import random

import backfilling
import pytest

ARGS = ("map", "--since", "2025-01-20", "--until", "2025-03-31")


@pytest.mark.crash
def test_kill_9_at_random_moments_leaves_identical_stories_articles_and_matches(tmp_path, sources, paper):
    paper.latency = 0.02
    calm = backfilling.configure(tmp_path / "calm", sources)
    code, _, _ = backfilling.backfill(calm, *ARGS)
    assert code == 0
    wanted = backfilling.outcome(calm.with_name("state.db"))
    config = backfilling.configure(tmp_path / "killed", sources)
    paper.asked.clear()
    dice = random.Random(8)
    kills = 0
    # The same one is killed again and again: each time after so many more pages.
    for enough in sorted(dice.sample(range(1, 65), 5)):
        process = backfilling.start(config, "backfill", *ARGS, *(["--resume"] if kills else []))
        backfilling.wait_for(
            config, "SELECT count(*) FROM backfill_items WHERE state IN ('fetched', 'done')", enough
        )
        process.kill()
        process.wait()
        kills += 1
    code, last, _ = backfilling.backfill(config, *ARGS, "--resume")
    assert code == 0
    assert last["report"]["articles"] == 71
    assert backfilling.outcome(config.with_name("state.db")) == wanted
    assert sum(times - 1 for times in paper.fetched().values()) <= kills
