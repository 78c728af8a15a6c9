"""Answer hubs: verifications of what they were asked for, and pushes, of which only the fact is used (WebSub, 5.3 and 7)."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from aiohttp import web

from state.hubs import Mode, Subscription

MOST_BYTES = 4 * 2**20
"""Of a push; what is larger is refused, and found when the feed is next looked at."""
_SECONDS = 20.0
_AT_ONCE = 8
_LONGEST_CHALLENGE = 1000
_SHORTEST, _LONGEST = timedelta(minutes=5), timedelta(days=90)
# As the standard lists them (section 7.1); SHA-1 still makes a sound HMAC, and old hubs know no other.
_METHODS = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}

Verified = Callable[[Subscription, Mode, timedelta], Awaitable[None]]
Heard = Callable[[Subscription], Awaitable[None]]


class Callbacks:
    """Serve the addresses that hubs were given. Nothing a hub sends is stored or read: it makes a feed due.

    `known` gives the subscriptions by token, from memory, so that strangers cost the state nothing.
    """

    def __init__(
        self,
        known: Callable[[], Mapping[str, Subscription]],
        *,
        verified: Verified,
        denied: Heard,
        rang: Heard,
        strange: Heard,
    ) -> None:
        self._known = known
        self._verified = verified
        self._denied = denied
        self._rang = rang
        self._strange = strange
        self._seats = asyncio.Semaphore(_AT_ONCE)
        self._runner: web.AppRunner | None = None

    async def open(self, host: str, port: int) -> None:
        """Listen; raise OSError where the address is taken or not ours."""
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_get("/{path:.*}", self._get)
        app.router.add_post("/{path:.*}", self._post)
        self._runner = web.AppRunner(app, access_log=None, keepalive_timeout=5.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    def _subscription(self, request: web.Request) -> Subscription | None:
        # Whatever stands before the last part of the path is the proxy's business.
        return self._known().get(request.path.rpartition("/")[2])

    async def _get(self, request: web.Request) -> web.Response:
        one, query = self._subscription(request), request.query
        mode, challenge = query.get("hub.mode"), query.get("hub.challenge", "")
        if one is None or query.get("hub.topic") != one.topic:
            return web.Response(status=404)
        if mode == "denied":
            await self._denied(one)
            return web.Response()
        if mode is None or mode != one.awaits or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return web.Response(status=404)
        await self._verified(one, one.awaits, _lease(query.get("hub.lease_seconds")))
        return web.Response(text=challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def _post(self, request: web.Request) -> web.Response:
        one = self._subscription(request)
        if one is None or one.secret is None:
            return web.Response(status=410)  # tells a hub to stop
        if self._seats.locked():
            return web.Response(status=503, headers={"Retry-After": "60"})
        async with self._seats:
            try:
                async with asyncio.timeout(_SECONDS):
                    body = await request.read()
            except TimeoutError:
                return web.Response(status=408)
        if is_signed(body, request.headers.get("X-Hub-Signature", ""), one.secret):
            await self._rang(one)
        else:
            # The standard asks for success here too, lest strangers learn whether they guessed right.
            await self._strange(one)
        return web.Response(status=202)


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Tell whether a push bears the signature `method=hex` of who knows the secret."""
    method, _, given = signature.partition("=")
    made = _METHODS.get(method.strip().lower())
    if made is None or not given.isascii():
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), body, made).hexdigest(), given.strip().lower())


def _lease(said: str | None) -> timedelta:
    """Give the lease that a hub grants, within bounds; ten days where it does not say."""
    if not said or not said.isascii() or not said.isdigit():
        return timedelta(days=10)
    return min(max(timedelta(seconds=int(said[:9])), _SHORTEST), _LONGEST)
