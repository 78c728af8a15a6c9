"""Stop servers of asyncio so that nothing of theirs is left for the garbage collector to complain of."""

from __future__ import annotations

import asyncio


async def stop_listening(server: asyncio.Server) -> None:
    """Close a server once every connection that it has accepted is known to it.

    One that it accepts in the moment of its closing makes asyncio stumble, and is never closed.
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    await settle()
    server.close()


async def settle() -> None:
    """Let the loop do what it has begun: a connection that was accepted, or aborted, takes some turns to become so."""
    for _ in range(20):
        await asyncio.sleep(0)
