"""Replace a configuration file by a better one, in one step, and only where that can be used."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from crawler.configuration.load import load_configuration
from state.errors import ConfigurationError


def rewrite(file: Path, edit: Callable[[str], str]) -> None:
    """Put `edit(text)` in the place of a file's text, or of none where there is no such file.

    The new text is written beside the file, loaded as a whole configuration, and moved over the old one: whoever
    reads the file meets the old or the new text, never a part. Owner and permissions stay.

    Raises:
        ConfigurationError: The file cannot be read or written, or the new text is no valid configuration; then the old one stays.
    """
    place = file.resolve()
    draft = place.with_name(f".{place.name}.{os.getpid()}.new")
    try:
        old = place.read_bytes().decode("utf-8") if place.exists() else ""
        new = edit(old)
        _write(draft, new, place)
        _check(draft, file)
        draft.replace(place)
        _settle(place.parent)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} could not be changed: {error}; it is as it was") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _write(draft: Path, text: str, place: Path) -> None:
    before = place.stat() if place.exists() else None
    mode = before.st_mode & 0o777 if before else 0o644
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    if before is not None:
        draft.chmod(mode)
        with suppress(PermissionError):
            os.chown(draft, before.st_uid, before.st_gid)


def _check(draft: Path, file: Path) -> None:
    try:
        load_configuration(draft)
    except ConfigurationError as error:
        message = str(error).replace(str(draft), str(file))
        raise ConfigurationError(f"{message}\n{file} was left as it was") from error


def _settle(folder: Path) -> None:
    """Make the change of names last, whatever becomes of the machine."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
