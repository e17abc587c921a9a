"""Pictures handed to the reader's service, and what comes of them."""

import io
from hashlib import shake_256

from PIL import Image
from uncancelled import never

from app.core.errors import Failed
from app.core.events import Finished, PictureTaken
from app.core.pictures import picture_path
from app.core.requests import TakePicture


def take(service, path, name="", **options):
    """The event before `Finished`, or the `Failed` that came instead."""
    events = list(service.handle(TakePicture(str(path), name, **options), never))
    assert isinstance(events[-1], Failed if len(events) == 1 else Finished)
    return events[0]


def clean(service, folders, path):
    """The clean picture that became of a file, and its raw bytes."""
    taken = take(service, path)
    assert isinstance(taken, PictureTaken), taken
    stored = picture_path(folders[0], taken.picture.sha256)
    data = stored.read_bytes()
    image = Image.open(io.BytesIO(data))
    assert image.size == (taken.picture.width, taken.picture.height)
    assert (image.format, image.mode) == ("PNG", "RGB")
    return image, data


def noise():
    """A picture that does not pack well, so that half of its file is half of it."""
    return Image.frombytes("RGB", (160, 120), shake_256().digest(160 * 120 * 3))
