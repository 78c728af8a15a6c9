from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crawler.catalogue.yaml_lines import first_errors, load_with_lines

FILE = "watch.yaml"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    interval: int = 1
    mode: Literal["fast", "slow"] = "fast"
    json_: dict[str, str] = Field(default={}, alias="json")


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    enabled: bool = True
    parts: list[Part] = []
    named: dict[str, Part] = {}
    either: Part | str = ""
    password: int = 0


def complaints(text, model=Whole):
    loaded, lines = load_with_lines(text, FILE)
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate(loaded)
    return first_errors(caught.value, lines, FILE, model=model)


def test_each_thing_wrong_is_one_line():
    text = "nmae: x\nparts:\n  - intervall: 3\n  - interval: soon\n    mode: quick\n"
    assert complaints(text) == (
        "watch.yaml:1: name: is missing; add it",
        'watch.yaml:3: parts[0].intervall: unknown key; did you mean "interval"?',
        (
            "watch.yaml:4: parts[1].interval: 'soon' does not fit (input should be a valid integer, unable to parse "
            "string as an integer); write a whole number"
        ),
        "watch.yaml:5: parts[1].mode: 'quick' is not one of fast, slow; choose one",
        'watch.yaml:1: nmae: unknown key; did you mean "name"?',
    )


def test_keys_are_suggested_inside_mappings_lists_and_unions_by_the_name_users_write():
    text = "name: x\nnamed:\n  first:\n    jsn: {}\neither:\n  intervl: 2\n"
    said = complaints(text)
    assert 'watch.yaml:4: named.first.jsn: unknown key; did you mean "json"?' in said
    assert 'watch.yaml:6: either.intervl: unknown key; did you mean "interval"?' in said


def test_far_off_keys_get_the_list_of_what_is_known():
    assert complaints("name: x\nparts: [{xyzzy: 1}]\n") == (
        "watch.yaml:2: parts[0].xyzzy: unknown key; known here: interval, json, mode",
    )


def test_without_the_model_the_place_is_still_told():
    assert complaints("name: x\nnmae: y\n", model=None) == ("watch.yaml:2: nmae: unknown key; remove it",)


def test_close_words_are_suggested_for_choices():
    (said,) = complaints("name: x\nparts: [{mode: fats}]\n")
    assert said.endswith('"fats" is not one of fast, slow; did you mean "fast"?'.replace('"fats"', "'fats'"))


def test_text_that_looks_like_a_number_needs_quotes():
    assert complaints("name: 360\n") == (
        (
            "watch.yaml:1: name: 360 does not fit (input should be a valid string); write text; quote it if it looks "
            "like a number"
        ),
    )


def test_a_secret_is_never_repeated():
    (said,) = complaints("name: x\npassword: hunter2\n")
    assert "hunter2" not in said
    assert said.startswith("watch.yaml:2: password: this value does not fit")


def test_long_values_are_cut():
    (said,) = complaints(f"name: x\nenabled: {'y' * 500}\n")
    assert len(said) < 250


def test_a_file_that_is_a_list_is_told():
    assert complaints("- a\n") == (
        (
            "watch.yaml:1: a list does not fit (input should be a valid dictionary or instance of Whole); write a "
            "mapping: `key: value`"
        ),
    )
