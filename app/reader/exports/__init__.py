"""Read text as files: a module for each form, one way to write them all."""

from app.reader.exports.form import Output, Pictures
from app.reader.exports.forms import write

__all__ = ["Output", "Pictures", "write"]
