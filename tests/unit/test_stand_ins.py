"""Stand-ins say what they stand for: the same signals, the same methods, the same requests."""

import importlib
import inspect

import pytest
from PySide6.QtCore import QMetaMethod, QObject

from app.core.conversation import Ask, Role, Turn
from app.core.events import Finished
from app.core.model import ModelSpec, PromptFormat
from app.core.requests import GenerateAnswer, LoadModel, Service
from app.session.chat.chat import Chat
from app.session.chat.library import Library
from app.session.documents.documents import Documents
from app.session.models.models import Models
from app.session.pictures.attachments import Attachments
from app.session.reading.readings import Readings
from tests.ui import stand_in

# What tests call to have a stand-in speak.
OF_ITS_OWN = {"add", "answer", "ask", "become", "have"}
STANDING = {
    stand_in.StandInAttachments: Attachments,
    stand_in.StandInChat: Chat,
    stand_in.StandInDocuments: Documents,
    stand_in.StandInLibrary: Library,
    stand_in.StandInModels: Models,
    stand_in.StandInReadings: Readings,
}
ENGINES = ("echo", "flooding", "looking", "telling", "writing")
SPEC = ModelSpec("some", "Some", "/nowhere", PromptFormat.MISTRAL)


def signals(kind):
    """Each signal's name and types."""
    known = kind.staticMetaObject
    methods = (known.method(place) for place in range(known.methodOffset(), known.methodCount()))
    return {
        method.methodSignature().data().decode()
        for method in methods
        if method.methodType() is QMetaMethod.MethodType.Signal
    }


def methods(kind):
    """The public methods that the class itself defines."""
    found = (name for name, value in vars(kind).items() if inspect.isfunction(value))
    return {name for name in found if not name.startswith("_")}


def called(function):
    """How a method is called: its parameters' names, kinds and defaults."""
    parameters = inspect.signature(function).parameters.values()
    return [(one.name, one.kind, one.default) for one in parameters]


@pytest.mark.parametrize(("stand", "real"), STANDING.items(), ids=lambda kind: kind.__name__)
def test_parts_of_the_session(stand, real):
    assert signals(stand) <= signals(real)
    assert methods(stand) - OF_ITS_OWN <= methods(real)
    for name in methods(stand) - OF_ITS_OWN:
        assert called(getattr(stand, name)) == called(getattr(real, name)), name


def test_every_stand_in_is_looked_at():
    kinds = {
        kind
        for kind in vars(stand_in).values()
        if inspect.isclass(kind) and issubclass(kind, QObject) and kind is not QObject
    }
    assert kinds == set(STANDING)


@pytest.fixture(params=ENGINES)
def engine(request, tmp_path):
    config = {"script": f'{{"replies": ["So."], "record": "{tmp_path / "record"}"}}'}
    return importlib.import_module(f"{request.param}_engine").make(config)


def test_engines_are_services(engine):
    for name in methods(Service):
        assert called(getattr(type(engine), name)) == called(getattr(Service, name))


def test_engines_load_and_answer_to_the_end(engine):
    ask = Ask(SPEC, (Turn(Role.PERSON, "What is it?"),))
    for request in (LoadModel(SPEC), GenerateAnswer(ask)):
        *_, last = engine.handle(request, lambda: False)
        assert isinstance(last, Finished)


def test_the_puppet_reader_is_a_service():
    puppet = importlib.import_module("puppet_reader").PuppetReader
    for name in methods(Service):
        assert called(getattr(puppet, name)) == called(getattr(Service, name))
