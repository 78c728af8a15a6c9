"""Hold the tree drawn at the top of state/errors.py to the classes below it."""

from __future__ import annotations

import inspect
import re

from state import errors

_NODE = re.compile(r"^([\s│├└─]*)([A-Z]\w+)")


def _drawn() -> dict[str, str]:
    """Give each drawn class with the one it hangs under."""
    parents: dict[str, str] = {}
    open_nodes: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = _NODE.match(line)
        if found is None or not line.startswith("    "):
            continue
        depth, name = len(found[1]), found[2]
        open_nodes = [node for node in open_nodes if node[0] < depth]
        parents[name] = open_nodes[-1][1] if open_nodes else "Exception"
        open_nodes.append((depth, name))
    return parents


def test_every_error_is_drawn_under_its_parent():
    defined = {
        name: value.__bases__[0].__name__
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, Exception)
    }
    assert defined
    assert _drawn() == defined
