"""Language packs: what bad ones do, and what is read with a good one."""

import tracemalloc

import onnx
import pytest
from onnx import TensorProto, helper
from packs import SPELT, bundled, characters, cyrillic, spec
from papers import Paper, drawn, picture, text
from uncancelled import never

from app.core.errors import ErrorKind, Failed
from app.core.events import DocumentTaken, Finished, PageRead, PictureTaken
from app.core.reading import PageSource, Reading
from app.core.requests import ReadDocument, ReadPicture, TakeDocument, TakePicture

LINES = ("TOTAL 42", "Good morning", "next tax box")


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return spec(tmp_path_factory.mktemp("packs") / "eslav.onnx", cyrillic())


@pytest.fixture
def shot(service, tmp_path):
    picture(*LINES).save(tmp_path / "shot.png")
    taken, _ = service.handle(TakePicture(str(tmp_path / "shot.png")), never)
    assert isinstance(taken, PictureTaken)
    return taken.picture.sha256


def read(service, sha256, pack=None):
    """The page that comes of it, or the `Failed`."""
    event, *rest = service.handle(ReadPicture(sha256, pack), never)
    assert rest == ([] if isinstance(event, Failed) else [Finished()])
    return event if isinstance(event, Failed) else event.reading.pages[0]


def said(page):
    return [line.text for block in page.blocks for line in block.lines]


def test_a_pack_reads_its_script_and_the_bundled_model_the_rest(service, shot, pack):
    plain = read(service, shot)
    assert said(plain) == list(LINES)
    assert plain.pack == ""
    page = read(service, shot, pack)
    # Capitals and figures stay the bundled model's: no letter of the script is among them.
    assert said(page) == [
        LINES[0],
        "G" + LINES[1][1:].translate(SPELT),
        LINES[2].translate(SPELT),
    ]
    assert page.pack == "eslav"
    for line, other in zip(
        (line for block in page.blocks for line in block.lines),
        (line for block in plain.blocks for line in block.lines),
        strict=True,
    ):
        assert line.box == other.box
        assert [word.box for word in line.words] == [word.box for word in other.words]
    assert said(read(service, shot)) == list(LINES)


def test_documents_are_read_with_it_page_by_page(service, pack, tmp_path):
    paper = (
        Paper()
        .page(text(60, 700, "Own letters"))
        .page(drawn(0, 50, 300, 490, 343), [picture("next letter", "Amount 19.90")])
    )
    taken, _ = service.handle(TakeDocument(str(paper.save(tmp_path / "p.pdf"))), never)
    assert isinstance(taken, DocumentTaken)
    *pages, end = service.handle(ReadDocument(taken.document, (), "", pack), never)
    assert end == Finished()
    first, second = [event.page for event in pages if isinstance(event, PageRead)]
    # A page's own letters are no matter of recognition.
    assert (first.source, first.pack, said(first)) == (PageSource.TEXT_LAYER, "", ["Own letters"])
    assert second.pack == "eslav"
    assert "next letter".translate(SPELT) in Reading((second,)).text
    assert "19.90" in Reading((second,)).text


def with_characters(change):
    model = bundled()
    listed = characters(model)
    listed.value = change(listed.value)
    return model.SerializeToString()


def without_list():
    model = bundled()
    del model.metadata_props[:]
    return model.SerializeToString()


def small(nodes, initializers=(), opsets=(("", 13),), shape=(1, 3, 48, "w")):
    graph = helper.make_graph(
        nodes,
        "hostile",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        list(initializers),
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid(*one) for one in opsets], ir_version=8
    )
    model.metadata_props.add(key="character", value="\u0436\n\u0444")
    return model.SerializeToString()


def outside(path):
    """Weights that are said to lie in another file of this disk."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[1])
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", str(path)), ("offset", "0"), ("length", "4")):
        tensor.external_data.add(key=key, value=value)
    return small([helper.make_node("Add", ["x", "w"], ["y"])], [tensor])


HOSTILE = {
    "nothing": lambda _: b"",
    "no onnx": lambda _: b"<html>Sign in</html>" * 100,
    "half of one": lambda _: cyrillic()[:5_000_000],
    "no list": lambda _: without_list(),
    "a list too short": lambda _: with_characters(lambda text: "\u0436\n\u0444\n\u0446"),
    "another script": lambda _: with_characters(lambda text: text),
    "more columns than pixels": lambda _: small(
        [helper.make_node("Flatten", ["x"], ["y"], axis=1)]
    ),
    "operators of its own": lambda _: small(
        [helper.make_node("Run", ["x"], ["y"], domain="evil.example")],
        opsets=(("", 13), ("evil.example", 1)),
    ),
    "weights in another file": lambda folder: outside("secret.bin"),
    "weights far away": lambda folder: outside(folder / "secret.bin"),
    "weights above": lambda folder: outside("../../../../../../../../etc/hostname"),
    "another input": lambda _: small(
        [helper.make_node("Identity", ["x"], ["y"])], shape=(1, 3, 32, 9)
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_pack_is_a_sentence_and_the_reader_stays(service, shot, tmp_path, monkeypatch, name):
    (tmp_path / "secret.bin").write_bytes(b"\0\0\x80\x3f")
    monkeypatch.chdir(tmp_path)
    bad = spec(tmp_path / "bad.onnx", HOSTILE[name](tmp_path))
    failed = read(service, shot, bad)
    assert isinstance(failed, Failed)
    assert failed.kind is ErrorKind.BAD_CHECKPOINT
    assert "“Russian”" in failed.headline
    assert "Traceback" not in failed.detail
    assert said(read(service, shot)) == list(LINES)


def test_a_pack_that_changed_on_the_disk_is_never_interpreted(service, shot, pack, tmp_path):
    data = bytearray(cyrillic())
    path = tmp_path / "pack.onnx"
    good = spec(path, bytes(data))
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    failed = read(service, shot, good)
    assert failed.headline == "The file of the language pack “Russian” is not as it was published."
    with path.open("wb") as file:  # Far larger than it should be: not even read.
        file.truncate(5 << 30)
    tracemalloc.start()
    failed = read(service, shot, good)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "another size" in failed.detail
    assert most < 50_000_000
    path.unlink()
    assert read(service, shot, good).kind is ErrorKind.NO_CHECKPOINT
    assert "“Russian”" in read(service, shot, good).headline
    assert read(service, shot, pack).pack == "eslav"


def test_the_checker_itself_knows_a_model():
    """The models made here are models to ONNX's own checker, so that what is refused is theirs."""
    onnx.checker.check_model(onnx.load_from_string(cyrillic()))
