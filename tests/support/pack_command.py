"""`languages` of the command line, over the catalog and the folder that come first."""

import sys
from pathlib import Path

from app.__main__ import build_parser
from app.catalog.languages import load_languages
from app.commands import languages
from app.interrupts import end_in_order

if __name__ == "__main__":
    catalog, folder, *words = sys.argv[1:]
    packs = load_languages(Path(catalog), Path(folder))
    with end_in_order():
        sys.exit(languages.run_action(build_parser().parse_args(words), packs))
