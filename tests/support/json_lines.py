"""What a command says with `--json`."""

import json


def said(capsys):
    """The objects that were printed since it was last asked, one a line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
