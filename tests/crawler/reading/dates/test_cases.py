from __future__ import annotations

from pathlib import Path

import pytest
import yaml

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))


def name_of(case) -> str:
    return " ".join(
        str(value) for key, value in case.items() if key not in {"value", "precision", "evidence"}
    )[:80]


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{number}-{name_of(case)}" for number, case in enumerate(CASES)]
)
def test_the_date_read_is_the_date_meant(case, dated):
    published = dated(case).article.published

    assert published.value == case.get("value")
    assert published.precision == case.get("precision")
    assert published.evidence == case.get("evidence")
    assert list(published.conflicts) == case.get("conflicts", [])
    for field in ("raw", "zone_assumed"):
        if field in case:
            assert getattr(published, field) == case[field]


def test_the_table_is_long_enough_and_half_chinese():
    assert len(CASES) >= 150
    assert 2 * sum(case["lang"] == "zh" for case in CASES) >= len(CASES)
