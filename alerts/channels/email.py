"""Send an alert as e-mail over SMTP: STARTTLS or TLS unless the server's address is listed, login where asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from alerts.channels.channel import ChannelSettings

Mailbox = Annotated[
    str, StringConstraints(pattern=r"^[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]+@[A-Za-z0-9.\-]+$", max_length=254)
]
"""A bare ASCII address, `user@host`; the pattern keeps out everything that could end a header or an SMTP command."""


class EmailSettings(ChannelSettings):
    """Read one `type: email` destination. One destination is one mailbox, so nobody sees anybody else's address."""

    type: Literal["email"]
    to: Mailbox
    sender: Annotated[Mailbox, Field(alias="from")]
    sender_name: Annotated[str, Field(alias="from_name", max_length=100)] = "yuewatch"
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:\-]+$", max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _check_login(self) -> Self:
        if self.password_file and self.password_env:
            raise ValueError("give password_file or password_env, not both")
        if bool(self.username) != bool(self.password_file or self.password_env):
            raise ValueError("a login needs username and one of password_file and password_env")
        return self
