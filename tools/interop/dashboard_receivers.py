"""Where alarms go in the checks of vitals-dashboard: a web server and a mail server, which keep what they get."""

import asyncio
import email
import http.server
import json
import threading

from aiosmtpd.controller import Controller


class Webhook:
    """A web server that takes what is posted, or answers with a status of failure."""

    def __init__(self):
        self.messages, self.status = [], 204
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                receiver.messages.append((self.headers.get("content-type"), body.decode()))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def alarms(self):
        """All alarms that were told, tests left aside, one after the other."""
        return [alarm for _, text in self.messages for alarm in json.loads(text)["alarms"]]

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """A mail server (aiosmtpd) that takes everything."""

    def __init__(self):
        self.mails = []
        factory = Controller(self, hostname="127.0.0.1").factory
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()

        async def listen():
            # The controller's own start cannot tell which free port it has got.
            self.server = await self.loop.create_server(factory, "127.0.0.1", 0)
            ready.set()

        def run():
            self.loop.create_task(listen())
            self.loop.run_forever()

        threading.Thread(target=run, daemon=True).start()
        ready.wait(10)
        self.url = f"smtp://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, email.message_from_bytes(envelope.content)))
        return "250 taken"

    def end(self):
        def stop():
            self.server.close()
            self.loop.stop()

        self.loop.call_soon_threadsafe(stop)
