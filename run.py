#!/usr/bin/env python3
"""Set Ocellus up where that is still to be done, then start it.

    python3 run.py                    the window
    python3 run.py ask PICTURE "..."  and the program's other commands, see --help
    python3 run.py test [ARGUMENTS]   the tests; arguments go to pytest (-n 0: one by one)
    python3 run.py test --fast        those that take under a minute
    python3 run.py check              linters and types
    python3 run.py bundle             the folder that runs without Python

Needs Python 3.11 or later and nothing else. The libraries of requirements/ go
into .venv beside this file, again only when those files change; a set-up that
was cut off is completed the next time.
"""

import sys


def main(arguments):
    """Hand over to provision/, which an older Python could not even read."""
    if sys.version_info < (3, 11):  # noqa: UP036
        found = ".".join(str(part) for part in sys.version_info[:3])
        told = "Ocellus needs Python 3.11 or later; this is Python {} ({}).\n"
        sys.stderr.write(told.format(found, sys.executable))
        return 1
    try:
        from provision.commands import main as run  # noqa: PLC0415

        return run(arguments)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
