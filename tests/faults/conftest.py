"""A reader that every test of a file shares: it has to outlive each of them."""

import pytest

from app.reader.service import make


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("reader")
    (root / "inbox").mkdir()
    return root / "pictures", root / "inbox"


@pytest.fixture(scope="module")
def service(folders):
    service = make({"pictures": str(folders[0]), "inbox": str(folders[1])})
    yield service
    service.close()
