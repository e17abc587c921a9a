"""What tests of faults share: a reader that has to outlive them, and a person's archive."""

import pytest
from conversations import fill
from picture_requests import take
from PIL import Image, ImageDraw, ImageFont
from uncancelled import never

from app.core.events import Finished, PictureRead, PictureTaken
from app.core.requests import ReadPicture


@pytest.fixture(scope="module")
def folders(root):
    """The store and the inbox of the reader's service."""
    return root / "pictures", root / "inbox"


@pytest.fixture
def pictures_still_work(service, folders, tmp_path):
    """After every test, a good picture is taken and read and no half file is left."""
    yield
    picture = Image.new("RGB", (120, 40), "white")
    ImageDraw.Draw(picture).text((10, 10), "Still here", "black", ImageFont.load_default(16))
    picture.save(tmp_path / "good.png")
    taken = take(service, tmp_path / "good.png")
    assert isinstance(taken, PictureTaken)
    read, end = service.handle(ReadPicture(taken.picture.sha256), never)
    assert isinstance(read, PictureRead)
    assert isinstance(end, Finished)
    assert read.reading.rows() == ("Still here",)
    assert not list(folders[0].glob("*/*.part"))


@pytest.fixture
def path(tmp_path):
    """Of an archive that is not there yet."""
    return tmp_path / "ocellus.sqlite"


@pytest.fixture
def data(tmp_path):
    """The program's folder of data, which is not there yet."""
    return tmp_path / "home" / "data"


@pytest.fixture
def told(data):
    """{turn id: text} of an archive that was written to `data`."""
    return fill(data / "ocellus.sqlite")
