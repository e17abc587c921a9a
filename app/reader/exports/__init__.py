"""Read text as files: a module for each form, one way to write them all."""

from app.reader.exports.form import Output, Pictures
from app.reader.exports.forms import write
from app.reader.exports.new_file import write_new

__all__ = ["Output", "Pictures", "write", "write_new"]
