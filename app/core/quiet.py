"""What keeps libraries from reporting, asking and fetching; set before any of them is imported."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path

VARIABLES = {
    # onnxruntime: a client for Microsoft's collector that starts when it is imported.
    "ORT_DISABLE_TELEMETRY": "1",
    "ORT_TELEMETRY_DISABLED": "1",
    # huggingface_hub and what stands on it. Our own downloads go without them.
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    # Code from the hub in place of what is installed.
    "USE_HUB_KERNELS": "0",
    # OpenCV: without OpenCL, which has a cache in the person's folder.
    "OPENCV_OPENCL_RUNTIME": "disabled",
    "DO_NOT_TRACK": "1",
}
"""Names and values for the environment of every process of ours."""

_LEFT = Path("Microsoft", "DeveloperTools", ".onnxruntime")


def settle(environment: MutableMapping[str, str] = os.environ) -> None:
    """Set them; call before the first import of a library. Processes started later inherit them."""
    environment.update(VARIABLES)


def remove_left_behind(data: Path) -> None:
    """Delete what onnxruntime wrote about this person under earlier versions, once.

    That it was done is noted in the program's folder `data`, and only then: other
    programs with onnxruntime use the same folder, and what they write later is theirs.
    """
    marker = data / "telemetry-removed"
    # Unlike Path.home(), this raises nothing where there is no home.
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    folder = Path(cache, _LEFT)
    if marker.exists() or not folder.is_dir() or folder.is_symlink():
        return
    with suppress(OSError):
        for path in folder.iterdir():
            if not path.is_dir():
                path.unlink()
        for empty in (folder, folder.parent, folder.parent.parent):
            empty.rmdir()
    with suppress(OSError):
        data.mkdir(0o700, parents=True, exist_ok=True)
        marker.touch(0o600)
