"""Keep subscriptions at the hubs that feeds offer, so that hubs ring when there is news.

A ring makes its feed due and nothing more: what is read is what the site itself then says, at its pace. So nobody can
bring in an article this way, and a hub that falls silent costs no more than the time to the next regular look.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from crawler.configuration.load import Configuration
from crawler.websub.asking import ask_hub
from state import hubs
from state.addresses import parse_networks
from state.errors import ConfigurationError
from state.hubs import Mode, Subscription
from state.records import host_of
from state.writer import Writer

if TYPE_CHECKING:
    from crawler.websub.callbacks import Callbacks

_UNVERIFIED = timedelta(hours=6)
_REFUSED = timedelta(days=1)
_AT_A_TIME = 20
_log = structlog.get_logger("yuewatch.websub")


class Bell:
    """Subscribe at hubs and listen to them, where the configuration gives a public address; else do nothing.

    `rang` is called when a feed has become due.
    """

    def __init__(
        self, writer: Writer, configuration: Callable[[], Configuration], rang: Callable[[], None]
    ) -> None:
        self._writer = writer
        self._configuration = configuration
        self._rang = rang
        self._known: dict[str, Subscription] = {}
        self._callbacks: Callbacks | None = None

    async def open(self) -> None:
        """Listen where the configuration says; raise ConfigurationError where that address cannot be had."""
        configuration = self._configuration()
        settings = configuration.settings.websub
        if settings.public_url is None:
            return
        from crawler.websub.callbacks import Callbacks  # noqa: PLC0415 - a web server, for those who listen

        callbacks = Callbacks(
            lambda: self._known,
            verified=self._verified,
            denied=self._denied,
            rang=self._ring,
            strange=self._strange,
        )
        host, _, port = settings.listen.rpartition(":")
        try:
            await callbacks.open(host.strip("[]"), int(port))
        except OSError as error:
            where = configuration.lines.where(("websub", "listen"))
            raise ConfigurationError(
                f"{settings.listen} cannot be listened on ({error.strerror or error}); name another, or stop what listens there",
                where=where,
            ) from error
        self._callbacks = callbacks
        await self._learn()
        _log.info("listening to hubs", at=settings.listen)

    async def close(self) -> None:
        """Stop listening; subscriptions stand, and hubs try again."""
        if self._callbacks is not None:
            await self._callbacks.close()

    async def renew(self) -> None:
        """Ask hubs for what is due: new subscriptions, renewals, and the end of those whose source was switched off."""
        if self._callbacks is None:
            return
        wanted = {source.id for source in self._configuration().sources.values() if source.enabled}
        for one, mode in (await self._writer.run(hubs.due, wanted, datetime.now(UTC)))[:_AT_A_TIME]:
            await self._ask(one, mode)

    async def _ask(self, one: Subscription, mode: Mode) -> None:
        configuration = self._configuration()
        token, secret = one.token or secrets.token_urlsafe(32), one.secret or secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        # Before the request: a hub may verify while it is still being asked.
        await self._writer.run(hubs.ask, one.source_id, mode, token, secret, now + _UNVERIFIED)
        await self._learn()
        callback = f"{str(configuration.settings.websub.public_url).rstrip('/')}/{token}"
        allowed = parse_networks(configuration.fetching.allow_addresses)
        why = await asyncio.to_thread(ask_hub, one, mode, callback, secret, allowed)
        if why is None:
            _log.info("hub asked", source=one.source_id, hub=host_of(one.hub), mode=mode)
            return
        await self._writer.run(hubs.fail, one.source_id, why, now + _REFUSED)
        await self._learn()
        _log.warning("hub not had", source=one.source_id, hub=host_of(one.hub), mode=mode, error=why)

    async def _learn(self) -> None:
        found: Collection[Subscription] = await self._writer.run(hubs.every)
        self._known = {one.token: one for one in found if one.token is not None}

    async def _verified(self, one: Subscription, mode: Mode, lease: timedelta) -> None:
        await self._writer.run(hubs.verify, one.source_id, mode, lease, datetime.now(UTC))
        await self._learn()
        _log.info("hub verified", source=one.source_id, hub=host_of(one.hub), mode=mode)

    async def _denied(self, one: Subscription) -> None:
        again = datetime.now(UTC) + _REFUSED
        await self._writer.run(hubs.fail, one.source_id, "the hub denied it", again)
        await self._learn()
        _log.warning("hub not had", source=one.source_id, hub=host_of(one.hub), error="the hub denied it")

    async def _ring(self, one: Subscription) -> None:
        await self._writer.run(hubs.ring, one.source_id, datetime.now(UTC))
        self._rang()

    async def _strange(self, one: Subscription) -> None:
        await self._writer.run(hubs.count_strange, one.source_id)
        _log.warning("push with a strange signature", source=one.source_id)
