"""Desks that take alerts by webhook, by a chat service of Apprise's kind and by mail, and remember what they took."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections import Counter, defaultdict
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mailserver import Controller

_DELIVERY = re.compile(r"dl_\w+")


class Desks:
    """Serve one HTTP port, where each path is a destination's name, and one SMTP port, where the recipient's name is.

    `seen` counts for each destination how often each delivery was taken, by its id: the webhook-id, the name in the
    Message-ID, the line at the end of a chat message. Every tenth request, and every tenth mail, is refused for now.
    """

    def __init__(self) -> None:
        self.seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._lock = threading.Lock()
        self._number = itertools.count(1)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200 if outer.take_post(self.path, self.headers, body) else 503)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._web.daemon_threads = True
        self._serving = threading.Thread(
            target=self._web.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._mail = _MailServer(self)
        self.web_port = self._web.server_port

    @property
    def mail_port(self):
        return self._mail.port

    def __enter__(self):
        self._serving.start()
        self._mail.start()
        return self

    def __exit__(self, *_):
        self._mail.stop()
        self._web.shutdown()
        self._web.server_close()
        self._serving.join()

    def take_post(self, path, headers, body):
        name = headers["webhook-id"] or _DELIVERY.findall(json.loads(body)["message"])[-1]
        return self._take(path.strip("/"), name)

    def take_mail(self, recipient, content):
        return self._take(
            recipient.partition("@")[0],
            message_from_bytes(content)["Message-ID"].strip("<>").partition("@")[0],
        )

    def _take(self, destination, delivery):
        with self._lock:
            if next(self._number) % 10 == 0:
                return False
            self.seen[destination][delivery] += 1
        return True


class _MailServer(Controller):
    def __init__(self, desks):
        self.desks = desks
        super().__init__(self, hostname="127.0.0.1", port=0, ready_timeout=60)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name aiosmtpd calls
        taken = self.desks.take_mail(envelope.rcpt_tos[0], envelope.content)
        return "250 taken" if taken else "451 not now"

    def _trigger_server(self):
        """Know the port that the kernel chose, and make the first connection the base class waits for."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
