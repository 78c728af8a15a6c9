"""Edit the sources of a configuration file as its owner would: by lines, with every comment and quirk kept.

Each edit is proved on the spot: the edited text is read again and must say what the old one said, plus the change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from crawler.catalogue.yaml_lines import load_with_lines
from state.errors import ConfigurationError

_LIST = "sources"


def with_sources(text: str, entries: Sequence[Mapping[str, Any]], file: str, remark: str = "") -> str:
    """Add sources at the end of the list of `sources:`, which is made where it is missing.

    Args:
        text: The configuration file.
        entries: The sources, as a file would say them.
        file: Its name, for messages.
        remark: A line of comment to stand above them.

    Raises:
        ConfigurationError: The file is no configuration, or lists its sources in a way that lines cannot be added to.
    """
    before = _said(text, file)
    comment = f"# {remark}\n" if remark else ""
    items = comment + yaml.dump(
        [dict(one) for one in entries], Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000
    )
    edited = _added(text.replace("\r\n", "\n"), items, file)
    wanted = before | {_LIST: [*(before.get(_LIST) or []), *entries]}
    return _proved(edited, wanted, text, file)


def with_switch(text: str, source_id: str, file: str, *, enabled: bool) -> str:
    """Set `enabled` of one source that stands in the file.

    Raises:
        ConfigurationError: It does not stand there.
    """
    before = _said(text, file)
    sources = before.get(_LIST) or []
    plain = text.replace("\r\n", "\n")
    node = _entry(plain, sources, source_id, file)
    wanted = [one | {"enabled": enabled} if one.get("id") == source_id else one for one in sources]
    edited = _switched(plain, node, "true" if enabled else "false")
    return _proved(edited, before | {_LIST: wanted}, text, file)


def with_block(text: str, source_id: str, name: str, block: Mapping[str, Any], file: str) -> str:
    """Put a block of options (`listing:`) of one source that stands in the file in the place of the one it has.

    Raises:
        ConfigurationError: It does not stand there, or is written in braces.
    """
    before = _said(text, file)
    sources = before.get(_LIST) or []
    plain = text.replace("\r\n", "\n")
    node = _entry(plain, sources, source_id, file)
    if node.flow_style:
        raise ConfigurationError(
            f"its source {source_id!r} is written in braces; give each key a line of its own", where=file
        )
    wanted = [one | {name: dict(block)} if one.get("id") == source_id else one for one in sources]
    lines = _ended(plain).splitlines(keepends=True)
    own = next(((key, value) for key, value in node.value if key.value == name), None)
    start = own[0].start_mark.line if own else _last_line(node, lines) + 1
    end = _last_line(own[1], lines) + 1 if own else start
    said = yaml.dump({name: dict(block)}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
    edited = "".join([*lines[:start], _indented(said, node.start_mark.column), *lines[end:]])
    return _proved(edited, before | {_LIST: wanted}, text, file)


def _entry(text: str, sources: Sequence[Mapping[str, Any]], source_id: str, file: str) -> yaml.MappingNode:
    """Give the node of one source; raise ConfigurationError where the file has none of that name."""
    at = next((at for at, one in enumerate(sources) if one.get("id") == source_id), None)
    listed = _value(_root(text), _LIST)
    if at is None or not isinstance(listed, yaml.SequenceNode):
        raise ConfigurationError(f"{file} has no source {source_id!r} of its own")
    node = listed.value[at]
    assert isinstance(node, yaml.MappingNode)
    return node


class _Dumper(yaml.SafeDumper):
    """Indent lists inside an entry, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's signature
        super().increase_indent(flow=flow, indentless=False)


def written(entry: Mapping[str, Any]) -> str:
    """Write one source as it stands under `sources:`."""
    text = yaml.dump([dict(entry)], Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
    return _indented(text, 2)


def _said(text: str, file: str) -> dict[str, Any]:
    said = load_with_lines(text, file)[0]
    if said is None:
        return {}
    if not isinstance(said, dict) or not isinstance(said.get(_LIST) or [], list):
        raise ConfigurationError(
            "this is no configuration with a list of sources; mend it first", where=f"{file}:1"
        )
    return said


def _root(text: str) -> yaml.Node | None:
    loader = yaml.SafeLoader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == name), None)


def _added(text: str, items: str, file: str) -> str:
    """Put the items where they belong; the caller proves the result."""
    root = _root(text)
    listed = _value(root, _LIST)
    if isinstance(root, yaml.MappingNode) and root.flow_style:
        raise ConfigurationError("is written in braces; give each key a line of its own", where=f"{file}:1")
    if listed is None:
        gap = "\n" if text.strip() else ""
        return _ended(text) + gap + f"{_LIST}:\n" + _indented(items, 2)
    lines = _ended(text).splitlines(keepends=True)
    if isinstance(listed, yaml.SequenceNode) and listed.value and not listed.flow_style:
        at, column = _last_line(listed, lines) + 1, listed.start_mark.column
        return "".join([*lines[:at], _indented(items, column), *lines[at:]])
    if listed.value and listed.value not in ("~", "null"):
        where = f"{file}:{listed.start_mark.line + 1}: {_LIST}"
        raise ConfigurationError("is written in brackets; give each source a line of its own", where=where)
    empty = text[: listed.start_mark.index].rstrip(" ") + text[listed.end_mark.index :]
    lines = _ended(empty).splitlines(keepends=True)
    at = listed.start_mark.line + 1
    return "".join([*lines[:at], _indented(items, 2), *lines[at:]])


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _indented(text: str, columns: int) -> str:
    return "".join(" " * columns + line if line.strip() else line for line in text.splitlines(keepends=True))


def _last_line(node: yaml.Node, lines: Sequence[str]) -> int:
    """Give the last line of a node; PyYAML ends blocks only where the next one begins, comments included."""
    if isinstance(node, yaml.SequenceNode | yaml.MappingNode) and node.value and not node.flow_style:
        last = node.value[-1]
        children = last if isinstance(last, tuple) else (last,)
        return max(_last_line(child, lines) for child in children)
    line = node.end_mark.line
    if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
        line = min(line, len(lines)) - 1
        while line > node.start_mark.line and not lines[line].strip():
            line -= 1
    return min(line, len(lines) - 1)


def _switched(text: str, source: yaml.MappingNode, word: str) -> str:
    switch = _value(source, "enabled")
    if switch is not None:
        return text[: switch.start_mark.index] + word + text[switch.end_mark.index :]
    name = _value(source, "id")
    assert name is not None
    end = name.end_mark.index
    if source.flow_style:
        return text[:end] + f", enabled: {word}" + text[end:]
    ending = text.find("\n", end)
    rest = text[end:] if ending < 0 else text[end:ending]
    own = end + len(rest)
    return text[:own] + f"\n{' ' * source.start_mark.column}enabled: {word}" + text[own:]


def _proved(edited: str, wanted: Mapping[str, Any], text: str, file: str) -> str:
    """Give the edited text, once it is certain that it says what is wanted."""
    try:
        says = _said(edited, file)
    except ConfigurationError:
        says = {}
    if says != dict(wanted):
        raise ConfigurationError(
            "its lines could not be edited with certainty, so nothing was changed; edit it by hand",
            where=file,
        )
    return edited.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else edited
