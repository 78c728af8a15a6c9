"""Read secrets from where the configuration points to: a file or the environment, never the YAML itself."""

from __future__ import annotations

import os
import ssl
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from state.errors import ConfigurationError

# Places a service manager or container runtime fills for us with modes of its own choosing.
_MANAGED = (Path("/run/secrets"), Path("/run/credentials"))
_LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Hold what settings are read in: the folder that relative paths start from, and the environment."""

    folder: Path = field(default_factory=Path.cwd)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    _trusting: dict[Path | None, ssl.SSLContext] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def secret(self, where: str, *, file: Path | None, env: str | None) -> str | None:
        """Give the secret that `file` or the variable `env` holds, None where neither is named.

        Raises ConfigurationError, naming `where` and the file or variable but never what they hold.
        """
        if env is not None:
            return self._from_environment(where, env)
        if file is not None:
            return self._from_file(where, self.folder / file.expanduser())
        return None

    def tls(self, where: str, ca_file: Path | None) -> ssl.SSLContext:
        """Give a verifying TLS context that trusts `ca_file`, or this machine's authorities where none is named.

        Whoever trusts the same gets the same one, because reading a machine's authorities takes tens of milliseconds.
        """
        path = None if ca_file is None else self.folder / ca_file.expanduser()
        if path not in self._trusting:
            self._trusting[path] = self._read_authorities(where, path)
        return self._trusting[path]

    def _read_authorities(self, where: str, path: Path | None) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=path)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(
                f"{path} holds no usable certificate ({type(error).__name__}); it should be in PEM form",
                where=where,
            ) from None

    def _from_environment(self, where: str, name: str) -> str:
        value = self.environ.get(name, "").strip()
        if not value:
            raise ConfigurationError(
                f"the environment variable {name} is not set or empty; set it before starting yuewatch",
                where=f"{where}_env",
            )
        return value

    def _from_file(self, where: str, path: Path) -> str:
        where = f"{where}_file"
        try:
            mode = path.stat().st_mode
            with path.open(encoding="utf-8") as file:
                value = file.read(_LARGEST).strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"cannot read the secret in {path} ({type(error).__name__}); create it, or correct the path",
                where=where,
            ) from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO) and not any(path.is_relative_to(place) for place in _MANAGED):
            raise ConfigurationError(
                f"the secret in {path} can be read by others; run `chmod 600 {path}`", where=where
            )
        if not value:
            raise ConfigurationError(f"{path} is empty; write the secret into it", where=where)
        return value
