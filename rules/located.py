"""Read YAML so that every complaint can name its file, line and column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import yaml
from pydantic import ValidationError

from rules.spec import PackFile
from rules.yaml_nesting import SafeLoader, bounded_events
from state.errors import RuleError

LONGEST_FILE = 4_000_000


class _Loader(SafeLoader):  # type: ignore[misc]  # the C loader is chosen at run time
    """Load plain values only: a date stays the text that was written."""

    yaml_implicit_resolvers: ClassVar = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in SafeLoader.yaml_implicit_resolvers.items()
    }


class Located:
    """Hold one YAML file with where each of its values stands.

    Raises:
        RuleError: Where it is no YAML, repeats a key, uses aliases (which can blow up), or does not fit the model.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._text = text
        if len(text) > LONGEST_FILE:
            raise RuleError(
                f"the file has {len(text)} characters; at most {LONGEST_FILE} are read", where=name
            )
        try:
            self._check_events(text)
            loader = _Loader(text)
            self._root = loader.get_single_node()
            self._check_keys(self._root)
            self.content: Any = None if self._root is None else loader.construct_document(self._root)
        except yaml.MarkedYAMLError as error:
            raise self._error(f"not YAML: {error.problem}", error.problem_mark) from error
        except (yaml.YAMLError, ValueError) as error:
            raise RuleError(f"not YAML: {error}", where=name) from error

    def _check_events(self, text: str) -> None:
        """Refuse what would blow up or overflow the loader, before anything is built: aliases and deep nesting."""
        for event in bounded_events(text):
            if isinstance(event, yaml.AliasEvent):
                raise self._error(
                    "YAML aliases (*name) are not read; write the value again", event.start_mark
                )

    def _check_keys(self, node: Any) -> None:
        """Refuse repeated keys, of which YAML would silently keep the last."""
        if isinstance(node, yaml.SequenceNode):
            for child in node.value:
                self._check_keys(child)
        elif isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, child in node.value:
                if str(key.value) in keys:
                    raise self._error(f"the key {key.value!r} stands twice", key.start_mark)
                keys.add(str(key.value))
                self._check_keys(child)

    def read(self) -> PackFile:
        """Check the file against the model of pack files."""
        if self.content is None:
            return PackFile()
        if not isinstance(self.content, dict):
            raise RuleError(
                "a pack file is a mapping of sections (rules:, places:, …)", where=f"{self.name}:1:1"
            )
        try:
            return PackFile.model_validate(self.content)
        except ValidationError as error:
            # A misspelt key is also a missing one; the misspelling is what the user wants to hear of.
            first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
            path = [part for part in first["loc"] if not _is_type_tag(part)]
            misspelt = first["type"] == "extra_forbidden"
            raise self.complain(_plain_words(first), path, at_key=misspelt) from error

    def complain(
        self, message: str, path: Sequence[str | int], position: int = 0, *, at_key: bool = False
    ) -> RuleError:
        """Make an error for the value at `path`, or its key; `position` counts characters inside that value."""
        node, key = self._find(path)
        scalar = isinstance(node, yaml.ScalarNode)
        if position == 0 or at_key or not scalar:
            return self._error(
                message, (key if key is not None and (at_key or not scalar) else node).start_mark
            )
        line, column = self._inside(node, position)
        return RuleError(message, where=f"{self.name}:{line}:{column}")

    def _error(self, message: str, mark: Any) -> RuleError:
        """Make an error for a mark of PyYAML, which counts from 0."""
        where = self.name if mark is None else f"{self.name}:{mark.line + 1}:{mark.column + 1}"
        return RuleError(message, where=where)

    def _find(self, path: Sequence[str | int]) -> tuple[Any, Any]:
        """Give the deepest node on a path that exists, and the key it stands under."""
        node, key = self._root, None
        for part in path:
            if isinstance(node, yaml.MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
                if pair is None:
                    break
                key, node = pair
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                key, node = None, node.value[part]
            else:
                break
        return node, key

    def _inside(self, node: Any, position: int) -> tuple[int, int]:
        """Find line and column of a character of a scalar, whether plain, quoted or a folded block."""
        index = node.start_mark.index
        for character in node.value[:position]:
            if not character.isspace():
                index = self._text.index(character, index) + 1
        while position < len(node.value) and self._text[index] in " \n\"'|>":
            index += 1
        before = self._text[:index]
        return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _is_type_tag(part: str | int) -> bool:
    """Tell pydantic's names of union members from the keys of the file."""
    return isinstance(part, str) and (part in {"str", "int", "[key]"} or part.endswith("Spec"))


def _plain_words(error: Any) -> str:
    """Say in our words what pydantic found."""
    key = next((part for part in reversed(error["loc"]) if not _is_type_tag(part)), "")
    match error["type"]:
        case "extra_forbidden":
            return f"unknown key {key!r}; look at rules/schema.json for the known ones"
        case "missing":
            return f"the key {key!r} is missing"
        case "string_pattern_mismatch":
            return f"{error['input']!r} is not allowed as {key!r} (pattern {error['ctx']['pattern']})"
        case _:
            return f"{key}: {error['msg']}"
