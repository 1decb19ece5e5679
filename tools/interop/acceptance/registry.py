"""A schema registry in this process, as far as the product talks to one; it can be away."""

import http.server
import json
import threading
import urllib.parse


class Registry:
    """Schemas by number and by subject, over HTTP on the loopback interface."""

    def __init__(self):
        self.schemas = {}
        self.subjects = {}
        self.asked = []
        self.server = None
        self.port = 0
        self.open()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def add(self, schema, number=None):
        """Gives a schema a number, or the one asked for."""
        text = schema if isinstance(schema, str) else json.dumps(schema)
        for known, other in self.schemas.items():
            if other == text and number in (None, known):
                return known
        number = number or max(self.schemas, default=0) + 1
        self.schemas[number] = text
        return number

    def open(self):
        """Answers, on the port that it had before."""
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                registry.asked.append(self.path)
                number = self.path.removeprefix("/schemas/ids/")
                if number.isdigit() and int(number) in registry.schemas:
                    self.reply(200, {"schema": registry.schemas[int(number)]})
                else:
                    self.reply(404, {"error_code": 40403, "message": "Schema not found"})

            def do_POST(self):
                registry.asked.append(self.path)
                _, subjects, subject, versions = self.path.split("/")
                if (subjects, versions) != ("subjects", "versions"):
                    return self.reply(404, {"error_code": 404, "message": "HTTP 404 Not Found"})
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                number = registry.add(body["schema"])
                registry.subjects[urllib.parse.unquote(subject)] = number
                self.reply(200, {"id": number})

            def reply(self, status, value):
                content = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        """Refuses connections until it is opened again."""
        self.server.shutdown()
        self.server.server_close()
