"""A TLS gateway before a plain NameNode, for tests: asks for a client certificate and hides DataNodes, as Knox does.

usage: tls_gateway.py FOLDER NAMENODE_PORT [--plain-redirects]

FOLDER holds ca.pem, server.pem and server.key. Prints its port. Redirects lead back to the gateway, with the DataNode's
URL as an opaque word; with --plain-redirects they are passed on as they are.
"""

import base64
import http.client
import http.server
import ssl
import sys
import urllib.parse

folder, namenode = sys.argv[1], int(sys.argv[2])
passes_redirects_on = "--plain-redirects" in sys.argv


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        port, path = namenode, self.path
        if path.startswith("/gateway/data?"):
            target = urllib.parse.urlsplit(base64.urlsafe_b64decode(path.split("?", 1)[1]).decode())
            port, path = target.port, f"{target.path}?{target.query}"
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request(self.command, path, body or None, {"Content-Length": str(len(body))})
        answer = connection.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        location = answer.headers.get("Location", "")
        if location.startswith("http://") and answer.status < 400:
            if not passes_redirects_on:
                word = base64.urlsafe_b64encode(location.encode()).decode()
                location = f"https://127.0.0.1:{self.server.server_port}/gateway/data?{word}"
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
context.load_verify_locations(f"{folder}/ca.pem")
context.verify_mode = ssl.CERT_REQUIRED
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
