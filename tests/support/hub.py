"""A loopback hub of seeded bytes: model info, resolve with a redirect to another port, faults."""

import hashlib
import json
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "c0ffee" + "0" * 34


class LoopbackHub:
    """`faults` maps a fault's name to how many answers still get it."""

    def __init__(self, sizes, token="", pace=0.0):
        seeded = random.Random
        self.files = {name: seeded(name).randbytes(size) for name, size in sizes.items()}
        self.faults, self.token, self.pace = {}, token, pace
        self.served, self.leaked, self.requests = 0, [], []
        self.lock = threading.Lock()
        self.release = threading.Event()
        self.servers = [ThreadingHTTPServer(("127.0.0.1", 0), self._handler(k)) for k in (0, 1)]
        self.endpoint, self.cdn = (f"http://127.0.0.1:{s.server_port}" for s in self.servers)
        self.extra = []

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

    def fault(self, name):
        with self.lock:
            left = self.faults.get(name, 0)
            self.faults[name] = left - 1
            return left > 0

    def info(self):
        siblings = [{"rfilename": name, "size": 1, "blobId": "0" * 40} for name in self.extra]
        for name, data in self.files.items():
            item = {"rfilename": name, "size": len(data)}
            item["blobId"] = hashlib.sha1(
                b"blob %d\0" % len(data) + data, usedforsecurity=False
            ).hexdigest()
            if name.endswith(".safetensors"):
                item["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            siblings.append(item)
        return {"sha": COMMIT, "siblings": siblings}

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

            def do_GET(self):
                try:
                    (self.hub_side if kind == 0 else self.cdn_side)()
                except ConnectionError:
                    self.close_connection = True

            def hub_side(self):
                if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
                    return self.plain(401)
                if hub.fault("500"):
                    return self.plain(500)
                if hub.fault("429"):
                    return self.plain(429, Retry_After="1")
                if self.path.startswith("/api/models/"):
                    return self.plain(200, json.dumps(hub.info()).encode())
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
                self.send_response(200 if whole else 206)
                self.send_header("ETag", etag)
                if not whole:
                    self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if hub.fault("truncated"):
                    body, self.close_connection = body[: len(body) // 2], True
                stall = hub.fault("stall")
                for at in range(0, len(body), 16384):
                    piece = body[at : at + 16384]
                    self.wfile.write(piece)
                    with hub.lock:
                        hub.served += len(piece)
                    if stall or hub.pace:
                        hub.release.wait(30 if stall else hub.pace)
                return None

        return Handler
