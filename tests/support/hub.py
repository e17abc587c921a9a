"""A loopback hub of seeded bytes: model info, resolve with a redirect to another port, faults."""

import contextlib
import functools
import hashlib
import json
import random
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c0ffee" + "0" * 34


@functools.lru_cache(maxsize=16)
def seeded(name, size):
    """The bytes of a file, the same each time."""
    return random.Random(name).randbytes(size)  # noqa: S311 - for tests


@functools.lru_cache(maxsize=64)
def listed(name, data):
    """A file's item in the hub's listing."""
    sha1 = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False)
    item = {"rfilename": name, "size": len(data), "blobId": sha1.hexdigest()}
    if name.endswith(".safetensors"):
        item["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    return item


def catalog_entry(model_id, title, prompt_format="builtin"):
    """A model of a person's own catalog that a loopback hub has."""
    return f"""
[[model]]
id = "{model_id}"
title = "{title}"
hub = "tests/{model_id}"
licence = "MIT"
terms = "Free for every use."
good_for = "Tests."
architecture = "llava-next"
prompt_format = "{prompt_format}"
memory_gb = 0.5
"""


class LoopbackHub:
    """`faults` maps a fault's name to how many answers still get it.

    `path` is what stands before every address of the hub, as on a mirror; `tls`
    a server's SSL context; `pace` the seconds after each `piece` of a body.
    """

    def __init__(self, sizes, token="", pace=0.0, piece=16384, path="", tls=None):
        self.files = {name: seeded(name, size) for name, size in sizes.items()}
        self.faults, self.token, self.pace, self.piece, self.path = {}, token, pace, piece, path
        self.served, self.leaked, self.requests, self.active = 0, [], [], 0
        self.lock = threading.Lock()
        self.release = threading.Event()
        self.servers = [ThreadingHTTPServer(("127.0.0.1", 0), self._handler(k)) for k in (0, 1)]
        if tls:
            for server in self.servers:
                server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme = "https" if tls else "http"
        self.origin, self.cdn = (f"{scheme}://127.0.0.1:{s.server_port}" for s in self.servers)
        self.endpoint = self.origin + path
        self.extra, self.answer = [], None  # more names in the listing; another answer for it

    def __enter__(self):
        for server in self.servers:
            server.daemon_threads = True
            server.handle_error = lambda *_: None  # a killed client resets its connections
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.release.set()
        for server in self.servers:
            server.shutdown()
            server.server_close()

    @property
    def files(self):
        """What is served, by name; what is set here is also what the listing tells."""
        return self._files

    @files.setter
    def files(self, files):
        self._files = files
        self.items = [listed(name, data) for name, data in files.items()]

    def fault(self, name):
        with self.lock:
            left = self.faults.get(name, 0)
            self.faults[name] = left - 1
            return left > 0

    def info(self):
        extra = [{"rfilename": name, "size": 1, "blobId": "0" * 40} for name in self.extra]
        return {"sha": COMMIT, "siblings": extra + self.items}

    def wait_until_served(self, goal, child):
        """Until so many bytes went out, or the child has ended."""
        deadline = time.monotonic() + 60
        while self.served < goal and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)

    def wait_until_idle(self):
        """Until nobody is being answered, so that `served` stands still."""
        deadline = time.monotonic() + 30
        while self.active and time.monotonic() < deadline:
            time.sleep(0.005)
        assert not self.active

    def wait_until_stuck(self):
        """Until the sockets take no more, because the other side does not read."""
        before = -1
        while before != self.served:
            before = self.served
            time.sleep(0.2)

    def _handler(hub, kind):  # noqa: C901, N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def plain(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def drip(self, piece, seconds):
                """The same few bytes again and again, for as long as they are taken."""
                self.close_connection = True
                while not hub.release.wait(seconds):
                    self.wfile.write(piece)
                    self.wfile.flush()

            def do_GET(self):
                with hub.lock:
                    hub.active += 1
                    hub.requests.append((self.path, dict(self.headers), time.monotonic()))
                try:
                    with contextlib.suppress(ConnectionError):
                        (self.hub_side if kind == 0 else self.cdn_side)()
                        return
                    self.close_connection = True
                finally:
                    with hub.lock:
                        hub.active -= 1

            def hub_side(self):  # noqa: PLR0911 - one per answer
                if not self.path.startswith(hub.path + "/"):
                    return self.plain(404)
                if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
                    return self.plain(401)
                if hub.fault("500"):
                    return self.plain(500)
                if hub.fault("429"):
                    return self.plain(429, Retry_After="1")
                if hub.fault("429 until a date"):
                    # Both by a clock that is a day ahead of ours.
                    now = time.time() + 86400
                    later, now = formatdate(now + 2, usegmt=True), formatdate(now, usegmt=True)
                    self.date_time_string = lambda timestamp=None: now
                    return self.plain(429, Retry_After=later)
                if hub.fault("endless headers"):
                    self.send_response(200)
                    self.flush_headers()
                    return self.drip(b"X-More: and more\r\n", 0.02)
                if hub.fault("a flood of headers"):
                    return self.drip(b"HTTP/1.1 100 Continue\r\nX-More: more\r\n\r\n" * 500, 0.001)
                if hub.fault("listing byte by byte"):
                    self.send_response(200)
                    self.send_header("Content-Length", "100000")
                    self.end_headers()
                    return self.drip(b" ", 0.05)
                if self.path.startswith(f"{hub.path}/api/models/"):
                    return self.plain(200, hub.answer or json.dumps(hub.info()).encode())
                name = self.path.rsplit("/", 1)[1]
                return self.plain(302, Location=f"{hub.cdn}/{name}")

            def cdn_side(self):
                if self.headers.get("Authorization"):
                    hub.leaked.append(self.path)
                if hub.fault("403"):
                    return self.plain(403)
                if hub.fault("416"):
                    return self.plain(416)
                data = hub.files[self.path[1:]]
                etag = '"new"' if hub.fault("changed") else '"one"'
                first, last = map(int, self.headers["Range"][6:].split("-"))
                whole = hub.fault("200") or self.headers.get("If-Range", etag) != etag
                body = data if whole else data[first : last + 1]
                if hub.fault("flipped"):
                    body = bytes([body[0] ^ 1]) + body[1:]
                if hub.fault("longer"):
                    body += bytes(1000)
                self.send_response(200 if whole else 206)
                self.send_header("ETag", etag)
                if not whole:
                    self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if hub.fault("truncated"):
                    body, self.close_connection = body[: len(body) // 2], True
                if hub.fault("byte by byte"):
                    self.give(body, 1, 0.05)
                elif hub.fault("stall"):
                    self.give(body, hub.piece, 30)
                else:
                    self.give(body, hub.piece, hub.pace)
                return None

            def give(self, body, size, seconds):
                for at in range(0, len(body), size):
                    piece = body[at : at + size]
                    self.wfile.write(piece)
                    with hub.lock:
                        hub.served += len(piece)
                    if seconds:
                        hub.release.wait(seconds)

        return Handler
