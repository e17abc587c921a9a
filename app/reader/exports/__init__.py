"""Read text as files: a module for each form, one way to write them all."""

from app.reader.exports.form import Output, Pictures
from app.reader.exports.forms import write
from app.reader.exports.saving import PASSING_NAMES, save

__all__ = ["PASSING_NAMES", "Output", "Pictures", "save", "write"]
