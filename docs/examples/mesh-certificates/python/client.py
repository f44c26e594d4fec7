"""Asks a workload of the mesh for a page: client.py HOST:PORT NAME"""

import http.client
import os
import socket
import ssl
import sys

if len(sys.argv) != 3:
    sys.exit("usage: client.py HOST:PORT NAME")
host, _, port = sys.argv[1].rpartition(":")
name = sys.argv[2]
directory = os.environ.get("CONTRAST_TLS_DIR", "/contrast/tls-config")

# With a file given, no authority of this machine is trusted. The name is checked by default.
context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=f"{directory}/mesh-ca.pem")
context.load_cert_chain(f"{directory}/certChain.pem", f"{directory}/key.pem")

with socket.create_connection((host.strip("[]"), int(port)), timeout=10) as tcp:
    with context.wrap_socket(tcp, server_hostname=name) as tls:
        connection = http.client.HTTPConnection(name)
        connection.sock = tls
        connection.request("GET", "/")
        response = connection.getresponse()
        sys.stdout.write(response.read().decode())
        if response.status != 200:
            sys.exit(f"got status {response.status}")
