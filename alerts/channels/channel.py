"""Say what a channel is: the settings it takes and the function that opens a destination with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from alerts.credentials import Surroundings
from alerts.destination import Sender
from alerts.retry import Schedule, parse_pause
from state.addresses import Network, parse_networks


def _read_pause(value: Any) -> Any:
    if isinstance(value, int | float):
        raise ValueError(f"{value} has no unit; write it like {value}s, {value}m or {value}h")  # noqa: TRY004 - pydantic reads ValueError
    return parse_pause(value) if isinstance(value, str) else value


Pause = Annotated[timedelta, BeforeValidator(_read_pause)]
"""A length of time, in YAML written like `30s` or `2h`."""


class ChannelSettings(BaseModel):
    """Read what every entry of `destinations:` may hold; each channel adds its own keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)

    type: str
    retry: Annotated[tuple[Pause, ...], Field(max_length=100)] | None = None
    """Pauses between tries instead of the channel's own schedule; after the last the delivery is parked."""
    fallback: str | None = None
    """The destination that is told when this one is disabled, and that gets its alerts from then on."""
    interval: Annotated[Pause, Field(ge=timedelta(0), le=timedelta(hours=1))] = timedelta(0)
    """The least time between the end of one message and the beginning of the next."""
    timeout: Annotated[Pause, Field(gt=timedelta(0), le=timedelta(minutes=10))] | None = None
    """How long one try may take in all, instead of the channel's own patience."""
    allow: tuple[IPv4Network | IPv6Network, ...] = ()
    """Addresses that are not public but that this destination may be reached at."""

    @field_validator("allow", mode="before")
    @classmethod
    def _read_networks(cls, value: Any) -> Any:
        return parse_networks([value] if isinstance(value, str) else value)


S = TypeVar("S", bound=ChannelSettings)

Opener = Callable[[str, S, Surroundings, Sequence[Network]], Sender]
"""Build the sender of destination `id` from its settings; reads secrets, raises ConfigurationError, connects nowhere."""


@dataclass(frozen=True, slots=True)
class Channel(Generic[S]):
    """Describe one way to deliver: its settings, how to open it, when to retry and how long one try may last."""

    settings: type[S]
    open: Opener[S]
    schedule: Schedule
    patience: timedelta
