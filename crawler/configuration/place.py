"""Find the configuration and the state file, without reading more than that takes."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from rules.yaml_nesting import check_nesting
from state.errors import ConfigurationError

_NAME = "yuewatch.yaml"
_STATE = "yuewatch.db"


def find_file(named: Path | None) -> Path | None:
    """Give the configuration file in use: the named one, `$YUEWATCH_CONFIG`, or the first that exists; None for none.

    Raises ConfigurationError where a named file does not exist.
    """
    explicit = named or (Path(os.environ["YUEWATCH_CONFIG"]) if os.environ.get("YUEWATCH_CONFIG") else None)
    if explicit is not None:
        if not explicit.is_file():
            raise ConfigurationError(f"there is no configuration file {explicit}")
        return explicit
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    candidates = (Path(_NAME), home / "yuewatch" / _NAME, Path("/etc/yuewatch") / _NAME)
    return next((path for path in candidates if path.is_file()), None)


def state_file(named: Path | None, configured: Path | None, folder: Path) -> Path:
    """Give the state file in use: the named one, `$YUEWATCH_STATE`, the configured one, or `./yuewatch.db`."""
    if named is not None:
        return named
    if os.environ.get("YUEWATCH_STATE"):
        return Path(os.environ["YUEWATCH_STATE"])
    return folder / configured if configured is not None else Path(_STATE)


def glance_at_state(config: Path | None, state: Path | None) -> Path:
    """Give the state file before the configuration is checked, for a quick look whether it is taken.

    A configuration that cannot be read counts as silent here: whoever loads it properly will say what is wrong.
    """
    file = find_file(config)
    try:
        text = file.read_text("utf-8") if file is not None else ""
        check_nesting(text)
        written = yaml.safe_load(text)
        configured = written.get("state") if isinstance(written, dict) else None
    except (OSError, ValueError, yaml.YAMLError):
        configured = None
    path = Path(configured) if isinstance(configured, str) else None
    return state_file(state, path, file.parent if file is not None else Path())
