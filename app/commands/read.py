"""`read FILE|FOLDER…`: the text of pictures and documents, to stdout or into files."""

from __future__ import annotations

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from app.catalog.languages import Packs
from app.commands.batch import Batch, tell
from app.commands.console import FAILED, OK, USAGE, complain, full_disk_in_words
from app.commands.documents import DocumentReader
from app.commands.drawings import Drawings
from app.commands.formats import ALONE, STREAMS, PagePictures, saved, write_stream
from app.commands.journal import Journal
from app.commands.pages import Options, read_pages, unread_note
from app.commands.plan import Found, Item, find, pages_of, placed
from app.core.errors import OcellusError
from app.core.export import ExportFormat
from app.core.files.disk_errors import not_written
from app.core.files.opening import cut_off
from app.core.language import PackSpec
from app.core.reading import Page
from app.installed import find_packs
from app.paths import find_paths
from app.reader.ocr.languages import chosen


def add_arguments(parser: ArgumentParser) -> None:
    """Files, and what becomes of their text."""
    parser.description = "Read the text of pictures, PDF and TIFF files, or of all in a folder."
    parser.epilog = (
        "With -o FOLDER, the same command, run again, continues where it was interrupted. "
        "The exit code is 0 if everything was read, 1 if something was not, 2 for wrong usage."
    )
    parser.add_argument("files", nargs="+", metavar="FILE|FOLDER")
    parser.add_argument(
        "--format",
        default=ExportFormat.TEXT.value,
        metavar="FORM",
        help="; ".join(
            f"{' or '.join(form.names)}: {form.label} ({form.ending})" for form in ExportFormat
        )
        + f". {ExportFormat.TEXT} is the default",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="the file or folder for the results; without it, they go to stdout",
    )
    parser.add_argument("--pages", metavar="LIST", help="only these pages: 2-5 or 1,3,7-")
    parser.add_argument(
        "--lang",
        metavar="CODES",
        help="the text's languages, such as de,ru; `languages` lists them",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="read N files at a time (with -o)"
    )
    parser.add_argument("--password", help="opens documents that are locked")
    parser.add_argument("--force", action="store_true", help="replace files that are there already")
    parser.add_argument(
        "--debug",
        metavar="DIR",
        help="also draw what was found on each page, and its order, as SVG files in DIR",
    )


def run(arguments: Namespace) -> int:
    """As `read_files`, with the language packs of this user."""
    return read_files(arguments, find_packs(find_paths()))


def read_files(arguments: Namespace, packs: Packs) -> int:
    """Read every file; one that fails does not stop the rest. Returns the exit code."""
    pack, no_pack = chosen(arguments.lang, packs) if arguments.lang is not None else (None, "")
    if complaint := _unusable(arguments) or no_pack:
        print(complaint, file=sys.stderr)
        return USAGE
    options = _options(arguments, pack)
    output = Path(arguments.output) if arguments.output else None
    found = list(find([Path(path) for path in arguments.files], output))
    if not found:
        print("There are no pictures or documents in it.", file=sys.stderr)
        return FAILED
    if output is None and (complaint := _unprintable(options.form, len(found))):
        print(complaint, file=sys.stderr)
        return USAGE
    with tempfile.TemporaryDirectory(prefix="ocellus-") as folder:
        if output is None:
            with full_disk_in_words():
                return _print(found, options, Path(folder))
        if _is_file(output, arguments):
            batch = Batch([Item(found[0].source, output.absolute())], options, None)
            report = batch.run(1, Path(folder))
        else:
            output = output.absolute()
            journal = _journal(output)
            try:
                items = placed(found, output, options.form.ending)
                report = Batch(items, options, journal).run(arguments.jobs, Path(folder))
            finally:
                journal.close()
    tell(report)
    return OK if report.is_complete else FAILED


def _unusable(arguments: Namespace) -> str:
    """What is wrong with the arguments, or ""."""
    try:
        ExportFormat.named(arguments.format)
    except ValueError:
        return f"There is no format {arguments.format}; there are {', '.join(ExportFormat)}."
    try:
        pages_of(arguments.pages or "1-")
    except ValueError:
        return f"--pages {arguments.pages} is not a list of pages; write 2-5 or 1,3,7- instead."
    if arguments.jobs < 1:
        return "--jobs counts from 1."
    if arguments.jobs > 1 and not arguments.output:
        return "--jobs needs a folder for the results: add -o FOLDER."
    return ""


def _unprintable(form: ExportFormat, count: int) -> str:
    """Why results in this form cannot go to stdout, or ""."""
    if count > 1 and form in ALONE:
        return f"The format {form} needs a place for {count} results: add -o FOLDER."
    if form is ExportFormat.PDF and sys.stdout.isatty():
        return "A PDF cannot be shown in the terminal: add -o FILE."
    return ""


def _options(arguments: Namespace, pack: PackSpec | None) -> Options:
    form = ExportFormat.named(arguments.format)
    label = f"format={form} pages={arguments.pages or 'all'}"
    return Options(
        form,
        pages_of(arguments.pages or "1-"),
        f"{label} pack={pack.id}" if pack is not None else label,
        arguments.password or "",
        arguments.force,
        pack,
        Drawings(Path(arguments.debug)) if arguments.debug else None,
    )


def _is_file(output: Path, arguments: Namespace) -> bool:
    """Whether -o names the one result itself rather than a folder of results."""
    return (
        len(arguments.files) == 1
        and not Path(arguments.files[0]).is_dir()
        and not output.is_dir()
        and not str(arguments.output).endswith(("/", "\\"))
    )


def _journal(folder: Path) -> Journal:
    try:
        return Journal(folder)
    except OSError as error:
        raise not_written(
            error,
            f"no results can be kept in {folder}",
            "Free some space, then run the command again.",
            "Choose another folder with -o, or check its permissions.",
        ) from error


def _print(found: list[Found], options: Options, folder: Path) -> int:
    """Everything to stdout, each page as soon as it is read."""
    status = OK
    with DocumentReader(folder, options.pack) as reader:
        for index, one in enumerate(found):
            if len(found) > 1 and options.form is ExportFormat.TEXT:
                print(f"{'' if index == 0 else chr(10)}== {one.source}", flush=True)
            try:
                status = max(status, _print_one(one.source, options, reader))
            except OcellusError as error:
                complain(error.failed)
                status = FAILED
    return status


def _print_one(source: Path, options: Options, reader: DocumentReader) -> int:
    """One file to stdout. Raises OcellusError if nothing of it can be read."""
    status, has_text = OK, False
    taken = reader.take(source, options.password)
    document = taken.document
    if taken.cut_off:
        complain(cut_off(source.name))

    def pages() -> Iterator[Page]:
        nonlocal status, has_text
        for page, failure in read_pages(reader, document, options, source):
            if failure is not None:
                complain(failure)
                status = FAILED
            if note := unread_note(page):
                print(f"{source}: {note}", file=sys.stderr)
            has_text = has_text or bool(page.blocks)
            yield page
            sys.stdout.flush()

    try:
        sys.stdout.flush()
        pictures = PagePictures(reader, document, options.password)
        if options.form in STREAMS:
            write_stream(pages(), options.form)
        else:
            # Whole or not at all: half of it would be nothing that a program can read.
            with saved(pages(), options.form, source.name, pictures) as job:
                job.copy(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    finally:
        reader.forget(document)
    if not has_text and status == OK:
        print(f"No text found in {source}.", file=sys.stderr)
    return status
