"""Hold the configuration's documentation to the models that read it: every key is described where a reader looks."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import BaseModel

from alerts.channels.table import CHANNELS
from alerts.settings import SubscriptionSettings
from crawler.catalogue.settings import SourceSettings
from crawler.configuration.settings import Settings

PAGE = "docs/reference/configuration.md"
GROUPS = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}


def _models(annotation):
    """Give the models that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _keys(model):
    """Give every key of a model and of the models inside it, as users write it."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for inner in _models(field.annotation):
            yield from _keys(inner)


def _rows(text):
    return {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}


def test_the_top_of_the_file_is_described_key_by_key(doc):
    top = doc(PAGE).text.split("\n## ")[0]
    assert _rows(top) == set(Settings.model_fields)


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_is_described_key_by_key(doc, group):
    assert _rows(doc(PAGE).section(f"## `{group}`")) == set(GROUPS[group].model_fields)


def _missing(page, model):
    """Give the keys of a model that a page does not name."""
    return {key for key in _keys(model) if not page.names(key)}


def test_every_key_of_a_source_is_described(doc):
    assert _missing(doc("docs/reference/sources.md"), SourceSettings) == set()


def test_every_key_of_a_subscription_is_described(doc):
    assert _missing(doc("docs/reference/alerts.md"), SubscriptionSettings) == set()


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_key_of_a_destination_is_described(doc, channel):
    assert _missing(doc("docs/reference/alerts.md"), CHANNELS[channel].settings) == set()
