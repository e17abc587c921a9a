"""A proxy on loopback: CONNECT for https, absolute addresses for http."""

import contextlib
import http.client
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class LoopbackProxy:
    """`tunnels` and `addresses` tell what went through; `password` is "name:password" in base64."""

    def __init__(self, password=""):
        self.password, self.tunnels, self.addresses = password, [], []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.host = f"127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def _handler(proxy):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def refused(self):
                sent = self.headers.get("Proxy-Authorization", "")
                if proxy.password and sent != f"Basic {proxy.password}":
                    self.send_response(407)
                    self.send_header("Proxy-Authenticate", "Basic")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return True
                return False

            def do_CONNECT(self):
                if self.refused():
                    return
                proxy.tunnels.append(self.path)
                host, port = self.path.split(":")
                with socket.create_connection((host, int(port))) as there:
                    self.send_response(200)
                    self.end_headers()
                    back = threading.Thread(target=pump, args=(there, self.connection), daemon=True)
                    back.start()
                    pump(self.connection, there)
                    back.join()
                self.close_connection = True

            def do_GET(self):
                if self.refused():
                    return
                proxy.addresses.append(self.path)
                address = urlsplit(self.path)
                there = http.client.HTTPConnection(address.netloc)
                wanted = {k: v for k, v in self.headers.items() if not k.startswith("Proxy-")}
                there.request(
                    "GET",
                    address.path + ("?" * bool(address.query)) + address.query,
                    headers=wanted,
                )
                answer = there.getresponse()
                self.send_response_only(answer.status)
                for name, value in answer.getheaders():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.read())
                there.close()

        return Handler


def pump(source, target):
    """Copy until one side ends."""
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
