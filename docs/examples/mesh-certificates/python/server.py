"""Serves a page to workloads of the mesh: server.py HOST:PORT [CLIENT]"""

import contextlib
import http.server
import os
import ssl
import sys

if len(sys.argv) not in (2, 3):
    sys.exit("usage: server.py HOST:PORT [CLIENT]")
host, _, port = sys.argv[1].rpartition(":")
directory = os.environ.get("CONTRAST_TLS_DIR", "/contrast/tls-config")

context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=f"{directory}/mesh-ca.pem")
context.load_cert_chain(f"{directory}/certChain.pem", f"{directory}/key.pem")
# Without this line, clients without a certificate are served too.
context.verify_mode = ssl.CERT_REQUIRED


class Handler(http.server.BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        certificate = self.connection.getpeercert()
        names = [name for kind, name in certificate["subjectAltName"] if kind == "DNS"]
        # Every workload of the mesh gets this far; who may do what is for the application to say.
        if len(sys.argv) == 3 and sys.argv[2] not in names:
            self.send_error(403, "not for you")
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"Hello {names[0]}\n".encode())

    def finish(self):
        super().finish()
        # Says that the page ends here: without it, clients cannot know that nobody has cut it off.
        with contextlib.suppress(OSError):
            self.connection.unwrap()


server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
# The handshake belongs to the thread of the connection: here it would keep all others waiting.
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(f"listening on {host}:{server.server_port}", file=sys.stderr, flush=True)
server.serve_forever()
