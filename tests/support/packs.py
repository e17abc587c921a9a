"""Language packs made here: the bundled network, its small letters called Cyrillic ones."""

import functools
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import onnx

from app.core.language import PackSpec
from app.reader.ocr.onnx import RECOGNITION, model_path

SMALL = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC = [*"абцдефгхийклмнопярстувщ", "кс", *"ыз"]
"""One of them of two code points, as a letter with its mark is in some lists."""

SPELT = str.maketrans(dict(zip(SMALL, CYRILLIC, strict=True)))


def bundled():
    """The bundled network, to be changed."""
    return onnx.load(model_path(RECOGNITION))


def characters(model):
    """The entry with its list of characters."""
    return next(entry for entry in model.metadata_props if entry.key == "character")


@functools.cache
def cyrillic():
    """A pack's bytes: reads small Latin letters as if they were Cyrillic."""
    model = bundled()
    listed = characters(model)
    listed.value = "\n".join("".join(one.translate(SPELT)) for one in listed.value.splitlines())
    return model.SerializeToString()


def spec(path, data=None, script="CYRILLIC"):
    """What the reader is told of the file at `path`, written first where there is `data`."""
    if data is not None:
        path.write_bytes(data)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return PackSpec("eslav", "Russian", str(path), digest, len(data), script)


def catalog(path, data, address, **changes):
    """A catalog with one pack, of these bytes at this address."""
    table = {
        "id": "eslav",
        "title": "Russian, Ukrainian",
        "script": "CYRILLIC",
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "address": address,
    } | changes
    rows = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    rows = ["[[pack]]", *rows, 'languages = { ru = "Russian", uk = "Ukrainian" }']
    path.write_text("\n".join(rows), "utf-8")
    return path


class FileServer:
    """One file on the loopback. `faults` are answers that go wrong, in turn: see `_answer`."""

    def __init__(self, data):
        self.data, self.faults, self.asked = data, [], []
        self.release = threading.Event()
        self.pace = 0.0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                owner.asked.append(self.headers.get("Range", ""))
                fault = owner.faults.pop(0) if owner.faults else ""
                try:
                    owner._answer(self, fault)
                except ConnectionError:
                    self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        self.address = f"http://127.0.0.1:{self._server.server_port}/onnx/pack.onnx"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler, fault):
        if fault in ("404", "500", "416"):
            handler.send_response(int(fault))
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        if fault == "moved":
            handler.send_response(302)
            handler.send_header("Location", self.address)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        data = self.data
        if fault == "longer":
            data += b"more"
        asked = handler.headers.get("Range", "")
        start, end = 0, len(data)
        if asked and fault != "whole":
            first, last = asked[6:].split("-")
            start, end = int(first), min(end, int(last) + 1)
        body = data[start:end]
        if fault == "flipped":
            body = bytes([body[0] ^ 1]) + body[1:]
        handler.send_response(206 if asked and fault != "whole" else 200)
        handler.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        if fault == "endless":
            handler.close_connection = True
            body += b"x" * 1_000_000
        else:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if fault == "cut":
            body, handler.close_connection = body[: len(body) // 2], True
        for at in range(0, len(body), 1 << 16):
            handler.wfile.write(body[at : at + (1 << 16)])
            if self.pace:
                self.release.wait(self.pace)
