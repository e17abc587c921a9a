"""The real reader and engine in a process that gets only so much memory."""

import resource

from app.engine import service as engine
from app.reader import service as reader


def _limit(config):
    size = int(config["memory"]) * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def make_reader(config):
    _limit(config)
    return reader.make(config)


def make_engine(config):
    _limit(config)
    return engine.make({**config, "kind": ""})
