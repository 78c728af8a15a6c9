"""Play the demo: a newsroom, a real daemon over HTTP, real receivers, trouble on cue, and a summary at the end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.console import Console

from crawler.demo.configuration import demo_configuration
from crawler.demo.newsroom import Newsroom
from crawler.demo.receivers import Hook, HookReceiver, Mail, MailSink, new_secret
from crawler.demo.summary import summarise
from crawler.demo.watch import Watch
from state.errors import YuewatchError
from state.standing import Mute, mute
from state.writer import Writer

_REBUILT = "portal-notices"
_TICK = 0.3
_ACT = 4.0
_DIGEST_AFTER = timedelta(seconds=8)
# The daemon needs a second or two; a machine with other things to do may need many times that.
_STOP = 40.0
# Generous, for a machine with other things to do; a quiet one needs a tenth of it.
_AT_MOST = 120.0


@dataclass(frozen=True, slots=True)
class _Stage:
    """Hold the parts of a demo under way."""

    newsroom: Newsroom
    mail: MailSink
    hooks: HookReceiver
    watch: Watch
    out: Console
    plan_digest: Callable[[str], object]


async def play(folder: Path) -> int:
    """Run the demo in `folder`, printing what happens; give the exit code. Raises YuewatchError where it cannot run."""
    out = Console(markup=False, highlight=False, soft_wrap=not sys.stdout.isatty())
    folder.mkdir(parents=True, exist_ok=True)
    state = (folder / "yuewatch.db").absolute()
    for old in folder.glob("yuewatch.db*"):
        old.unlink()
    secret_file = (folder / "webhook.secret").absolute()
    secret = new_secret()
    secret_file.write_text(secret + "\n")
    secret_file.chmod(0o600)
    mail = MailSink(lambda item: _mail_came(out, item))
    hooks = HookReceiver(secret, lambda item: _hook_came(out, item))
    async with Newsroom() as newsroom:
        config = folder / "yuewatch.yaml"
        configure = partial(
            demo_configuration,
            newsroom.addresses,
            smtp_port=await mail.open(),
            webhook_url=await hooks.open(),
            secret_file=secret_file,
            state=state,
        )
        config.write_text(configure(), "utf-8")
        _mute(state)
        out.print(
            f"A newsroom of six made-up sites is open on 127.0.0.1, with {len(newsroom.on_show())} pages on show."
        )
        out.print(
            "The daemon starts and meets them for the first time: what they hold already is stored, and alerts nobody."
        )
        out.print("The archive's subscription `everything` is muted until tomorrow, with a comment.\n")
        stage = _Stage(
            newsroom,
            mail,
            hooks,
            Watch(state),
            out,
            lambda at: config.write_text(configure(digest_at=at), "utf-8"),
        )
        try:
            await _perform(stage, config, folder / "daemon.log")
        finally:
            await mail.close()
            await hooks.close()
        out.print(summarise(state, newsroom, mail, hooks, stage.watch.recoveries))
    out.print(f"\nThe state lies in {state}. Now try:")
    for verb in (
        "status",
        "alerts list",
        "sources list",
        "sources health",
        "export stories",
        f"explain {_an_alerted_url(stage)}",
    ):
        out.print(f"  yuewatch --config {config} {verb}")
    out.print("(.venv/bin/yuewatch, unless the environment is active)")
    return 0


async def _perform(stage: _Stage, config: Path, log: Path) -> None:
    with log.open("wb") as sink:
        daemon = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "crawler", "--config", str(config), "run", stdout=sink, stderr=sink
        )
        try:
            await _script(stage, daemon, config, log)
        finally:
            with suppress(ProcessLookupError):
                daemon.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(daemon.wait(), _STOP)
            except TimeoutError:
                daemon.kill()
                await daemon.wait()
    stage.out.print(f"\nThe daemon was told to stop and ended with code {daemon.returncode}.\n")


async def _script(stage: _Stage, daemon: asyncio.subprocess.Process, config: Path, log: Path) -> None:
    """Let things happen: news in three bursts, sites and an endpoint that break and mend, a digest."""
    newsroom, out, watch = stage.newsroom, stage.out, stage.watch

    async def until(what: str, done: Callable[[], bool], at_least: float = 0.0) -> None:
        if not await _until(stage, daemon, log, done, at_least):
            out.print(f"   (waited {_AT_MOST:.0f} seconds in vain until {what})")

    began = datetime.now(UTC)
    await until("the daemon runs", lambda: b'"running"' in log.read_bytes())
    await until("all is read", lambda: watch.settled(newsroom.on_show()))
    out.print(watch.line_of_totals())
    # As far ahead as the first round took, so that on a slow machine too the morning's news comes before it.
    digest = datetime.now(UTC) + _DIGEST_AFTER + (datetime.now(UTC) - began)
    _cue(
        out,
        f"The chief editor's daily digest is set to {digest:%H:%M:%S} UTC; the daemon reloads its configuration.",
    )
    stage.plan_digest(f"{digest:%H:%M:%S}")
    daemon.send_signal(signal.SIGHUP)
    await until("it has reloaded", lambda: b"configuration reloaded" in log.read_bytes())
    _cue(
        out,
        "Morning: the newsroom publishes. The webhook's endpoint will answer 503 four times, the first mail 451.",
    )
    stage.hooks.fail_next(4)
    stage.mail.fail_next()
    newsroom.publish("morning")
    await until("all is read", lambda: watch.settled(newsroom.on_show()), _ACT)
    _cue(
        out,
        "Noon: more news. The English edition's server breaks, which is found out at the third try; the portal's\n"
        "   list of notices is rebuilt, so that the selectors of its source find nothing in it.",
    )
    newsroom.break_site("daily_en")
    newsroom.rebuild_site("portal")
    newsroom.publish("noon")
    # Mended as soon as it is found: every failure more puts the next try off for twice as long.
    await until("the broken server is found", lambda: watch.found("daily-en"), _ACT)
    _cue(out, "The English edition's server is mended.")
    newsroom.mend_site("daily_en")
    await until("a repair is proposed", lambda: watch.proposed(_REBUILT))
    _cue(
        out,
        f"The operator types `yuewatch sources repair {_REBUILT} --write`, and tells the daemon to reload.",
    )
    out.print(await _repair(config), end="")
    daemon.send_signal(signal.SIGHUP)
    await until("the repair has worked", lambda: watch.found(_REBUILT, closed=True))
    _cue(
        out,
        "Evening: the last news. What comes after the digest waits for tomorrow's.",
    )
    await until("the digest is due", lambda: datetime.now(UTC) > digest)
    newsroom.publish("evening")
    await until(
        "everything is read and sent",
        lambda: (
            watch.found("daily-en", closed=True) and not watch.spared and watch.drained(newsroom.on_show())
        ),
        _ACT,
    )


async def _repair(config: Path) -> str:
    """Mend the source of the rebuilt list as its operator would; give what the verb said, without the YAML."""
    verb = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "crawler", "--config", str(config), "sources", "repair", _REBUILT, "--write"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said = (await verb.communicate())[0].decode()
    return "".join(f"   {line}\n" for line in said.partition("\nsources:")[0].splitlines())


def _mute(state: Path) -> None:
    """Mute a subscription before the daemon holds the state, as `yuewatch alerts mute` does."""
    now = datetime.now(UTC)
    silence = Mute(
        "subscription", "everything", now + timedelta(days=1), "nobody reads the archive today", now
    )
    with Writer(state) as writer:
        writer.run_now(mute, silence)


async def _until(
    stage: _Stage, daemon: asyncio.subprocess.Process, log: Path, done: Callable[[], bool], at_least: float
) -> bool:
    """Show what happens until `done()`, for `at_least` so many seconds; tell whether it came about in two minutes.

    Raises YuewatchError where the daemon ended by itself.
    """
    loop = asyncio.get_running_loop()
    begin = loop.time()
    while loop.time() < begin + _AT_MOST:
        if daemon.returncode is not None:
            tail = log.read_text("utf-8", "replace").strip().splitlines()[-5:]
            raise YuewatchError("the demo's daemon ended by itself:\n" + "\n".join(tail))
        for line in stage.watch.news():
            stage.out.print(line)
        if loop.time() >= begin + at_least and done():
            return True
        await asyncio.sleep(_TICK)
    return False


def _cue(out: Console, text: str) -> None:
    out.print(f"\n── {text}", style="bold")


def _mail_came(out: Console, mail: Mail) -> None:
    fate = "arrives" if mail.accepted else "is refused with 451, to be tried again"
    out.print(f"   ✉ mail to {mail.recipients[0].partition('@')[0]} {fate}: {mail.subject[:80]}")


def _hook_came(out: Console, hook: Hook) -> None:
    fate = "arrives, signature verified" if hook.accepted else f"is answered {hook.status}, to be tried again"
    out.print(f"   ⇢ webhook {hook.id} {fate}")


def _an_alerted_url(stage: _Stage) -> str:
    return stage.watch.an_alerted_url() or stage.newsroom.addresses.portal
