"""What crosses a pipe comes out as it went in, and nothing else comes out."""

import json

import pytest

from app.core.conversation import Ask, Picture, Role, Sampling, Turn
from app.core.errors import ErrorKind, Failed
from app.core.events import Finished, FinishReason, PictureRead, Seen, Stats, Text
from app.core.geometry import Box
from app.core.model import ModelSpec, PromptFormat
from app.core.reading import Block, Line, Page, Reading
from app.core.requests import GenerateAnswer, Numbered, ReadPicture, Reply
from app.core.wire import WireError, decode, encode

SPEC = ModelSpec("m", "Model", "/somewhere", PromptFormat.MISTRAL)
READING = Reading((Page(9, 9, (Block((Line("héllo \U0001f600", Box(0, 1, 2.5, 3), 0.9),)),)),))


@pytest.mark.parametrize(
    "event",
    [
        Text("日本 \ud800", (0.5, 1.0)),
        Seen((2, 2), 5, 1948, 0.35, 3, 4),
        Finished(FinishReason.STOPPED, Stats(1, 2, 0.5, 0.25)),
        Failed(ErrorKind.DEVICE, "a", "b", "c"),
        PictureRead("0" * 64, READING),
    ],
)
def test_replies_come_back_equal(event):
    assert decode(encode(Reply(7, event)), Reply) == Reply(7, event)


def test_a_whole_ask_comes_back_equal():
    turns = (
        Turn(Role.PERSON, "what?", (Picture("a" * 64, 10, 20, "x.png"),), ("Total  9.50",)),
        Turn(Role.MODEL, "9.50"),
    )
    numbered = Numbered(2**40, GenerateAnswer(Ask(SPEC, turns, Sampling(temperature=0.2))))
    assert decode(encode(numbered), Numbered) == numbered


def _damaged(**changes):
    plain = json.loads(encode(Numbered(1, ReadPicture("a" * 64))))
    plain["request"].update(changes)
    return json.dumps(plain).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"@":"Reply","number":1,"event":{"@":"Finished"}}',
        b'{"@":"Numbered","number":true,"request":{"@":"ReadPicture","sha256":"a"}}',
        _damaged(**{"@": "Popen"}),
        _damaged(**{"@": "GenerateAnswer"}),
        _damaged(sha256=5),
        _damaged(sha256=None),
        _damaged(more="fields"),
    ],
)
def test_anything_else_is_refused(data):
    with pytest.raises(WireError):
        decode(data, Numbered)


def test_what_is_not_ours_is_not_sent():
    with pytest.raises(TypeError):
        encode(Text(object()))
