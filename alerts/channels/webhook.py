"""Post an alert to a webhook as Standard Webhooks 1.0 asks: signed, never redirected, only to a public address."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from alerts.channels.channel import ChannelSettings


class WebhookSettings(ChannelSettings):
    """Read one `type: webhook` destination. Its address often is a secret itself, so it may be named like one."""

    type: Literal["webhook"]
    url: str | None = Field(default=None, repr=False)
    url_file: Path | None = None
    url_env: str | None = None
    secret_file: Path | None = None
    secret_env: str | None = None
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _check_sources(self) -> Self:
        if sum(value is not None for value in (self.url, self.url_file, self.url_env)) != 1:
            raise ValueError("give exactly one of url, url_file and url_env")
        if (self.secret_file is None) == (self.secret_env is None):
            raise ValueError(
                "give exactly one of secret_file and secret_env, with the whsec_… secret to sign with"
            )
        return self
