"""Describe the configuration file: what may stand in it, and what holds where it is silent."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from alerts.settings import DestinationSettings, SubscriptionSettings, TimeOfDay, Zone
from crawler.configuration.duration import Duration, Size
from state.addresses import parse_networks


def _networks(texts: list[str]) -> list[str]:
    parse_networks(texts)
    return texts


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("this is not an address like https://host/path")
    return url


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
    browser: Path | None = Field(
        None,
        description="the Chromium for sources with `browser: true`; it is looked for on the PATH otherwise",
    )
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


class FeedSettings(Strict):
    """Say where the alerts of each subscription are written as feeds."""

    folder: Path | None = Field(None, description="where the daemon writes them; without it, it writes none")
    entries: int = Field(50, ge=1, le=1000, description="how many stories a feed holds")
    url: Annotated[str, Field(pattern=r"^https?://[!-;=?-~]+$", max_length=500)] | None = Field(
        None, description="where the folder is served; feeds name their own address then"
    )


class OperatorSettings(Strict):
    """Say how those who run yuewatch hear of what needs a hand."""

    destinations: list[str] = Field([], description="entries of destinations: that get the report")
    at: TimeOfDay = Field(time(8), description="when it comes, once a day")
    zone: Zone = Field("UTC", description="the time zone of `at`")
    all_well: Literal["daily", "weekly", "never"] = Field(
        "weekly", description="how often to say that nothing needs a hand"
    )


class HeartbeatSettings(Strict):
    """Say which outside monitor hears that yuewatch is alive."""

    url: str | None = Field(None, repr=False, description="the monitor's address")
    url_file: Path | None = Field(None, description="a file that holds it")
    url_env: str | None = Field(None, description="a variable of the environment that holds it")
    every: Duration = Field(
        timedelta(minutes=5), ge=timedelta(seconds=1), le=timedelta(days=1), description="how often"
    )

    @model_validator(mode="after")
    def _check_address(self) -> Self:
        if sum(value is not None for value in (self.url, self.url_file, self.url_env)) > 1:
            raise ValueError("give one of url, url_file and url_env")
        return self


class WebsubSettings(Strict):
    """Say where hubs reach this machine, so that feeds which offer one are looked at as soon as they have news."""

    public_url: Annotated[str, AfterValidator(_web_address)] | None = Field(
        None, description="the address from outside, which a web server passes on to `listen`"
    )
    listen: str = Field(
        "127.0.0.1:8765", pattern=r"^(\[[0-9a-fA-F:]+\]|[0-9.]+):[0-9]{1,5}$", description="address and port"
    )


class SubscriberSettings(Strict):
    """Say how people who subscribe by command are written to."""

    through: str | None = Field(
        None, description="an e-mail destination whose server and sender are used; it needs `unsubscribe`"
    )
    confirm_within: Duration = Field(
        timedelta(days=7),
        gt=timedelta(0),
        le=timedelta(days=90),
        description="how long a request waits for its confirmation",
    )


class RetentionSettings(Strict):
    """Say how long is kept what is finished."""

    attempts: Duration = Field(timedelta(days=90), description="tries of finished deliveries, ended mutes")
    notices: Duration = Field(timedelta(days=90), description="messages about yuewatch itself")
    subscribers: Duration = Field(timedelta(days=30), description="people who left")


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
    operator: OperatorSettings = OperatorSettings()
    heartbeat: HeartbeatSettings = HeartbeatSettings()
    subscribers: SubscriberSettings = SubscriberSettings()
    retention: RetentionSettings = RetentionSettings()
    feeds: FeedSettings = FeedSettings()
    websub: WebsubSettings = WebsubSettings()
    stories: StorySettings = StorySettings()
    log: LogSettings = LogSettings()
