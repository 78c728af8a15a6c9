"""Describe the configuration file: what may stand in it, and what holds where it is silent."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerts.settings import DestinationSettings, SubscriptionSettings
from crawler.configuration.duration import Duration, Size
from state.addresses import parse_networks


def _networks(texts: list[str]) -> list[str]:
    parse_networks(texts)
    return texts


class Strict(BaseModel):
    """Refuse unknown keys: a typo must not become a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FetchingSettings(Strict):
    """Say how yuewatch behaves towards the sites it reads."""

    contact: str | None = Field(
        None,
        max_length=200,
        pattern=r"^[!-'*-~]+( [!-'*-~]+)*$",
        description="address or page put into the User-Agent, so that sites can reach you",
    )
    delay: Duration = Field(
        timedelta(seconds=2), le=timedelta(days=1), description="least time between two requests to one host"
    )
    deadline: Duration = Field(
        timedelta(seconds=60),
        gt=timedelta(0),
        le=timedelta(hours=1),
        description="most time one request may take in all",
    )
    # Scrapy takes 0 for "no limit".
    max_body: Size = Field(16 * 2**20, ge=2**10, le=2**30, description="largest body that is read")
    allow_addresses: Annotated[list[str], AfterValidator(_networks)] = Field(
        [], description="non-public addresses or networks that may be connected to"
    )


class ReadingSettings(Strict):
    """Say what the reading processes may use."""

    workers: int = Field(2, ge=1, le=64, description="reading processes")
    deadline: Duration = Field(
        timedelta(seconds=10),
        gt=timedelta(0),
        le=timedelta(hours=1),
        description="most time one page may take to read",
    )
    memory: Size = Field(512 * 2**20, ge=64 * 2**20, description="most memory one reading process may use")


class AlertingSettings(Strict):
    """Say what is news."""

    max_age: Duration = Field(
        timedelta(days=7), description="older articles are stored and matched but alert nobody"
    )


class StorySettings(Strict):
    """Say how long stories are remembered, and by what their articles are told to be one."""

    horizon: Duration = Field(timedelta(days=400), description="how far back copies are looked for")
    dictionary: bool = Field(
        default=False, description="compare Chinese and English texts with a dictionary too (an extra)"
    )


class LogSettings(Strict):
    """Say how to log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"


class Settings(Strict):
    """Hold the whole configuration file."""

    state: Path | None = Field(None, description="the state file; ./yuewatch.db where nothing says otherwise")
    pack: str = Field(
        "guangdong_ai", description="name of a pack that comes with yuewatch, or a folder with one"
    )
    pack_sources: bool | list[str] = Field(
        default=True, description="use all enabled sources of the pack, none, or these ids"
    )
    # Each is merged with its family before it is validated, by crawler.catalogue.pack.
    sources: list[dict[str, Any]] = Field(
        [], description="more sources; one with a pack source's id replaces it"
    )
    rules: list[Path] = Field([], description="more rule files; a rule with a pack rule's id replaces it")
    subscriptions: list[SubscriptionSettings] = []
    destinations: dict[str, DestinationSettings] = {}
    fetching: FetchingSettings = FetchingSettings()
    reading: ReadingSettings = ReadingSettings()
    alerting: AlertingSettings = AlertingSettings()
    stories: StorySettings = StorySettings()
    log: LogSettings = LogSettings()
