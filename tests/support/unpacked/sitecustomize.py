"""Python reads this at its start where its folder is in PYTHONPATH: bitsandbytes' library then
says of this processor that it has no bfloat16 instructions, in this process and its children.

`run.py test --processors` runs tests that way, to see what other processors do.
"""

import ctypes

_ASKED = "has_avx512bf16_cpu"
_found = ctypes.CDLL.__getattr__


def _looked_up(library, name):
    if name == _ASKED:
        raise AttributeError(name)
    return _found(library, name)


ctypes.CDLL.__getattr__ = _looked_up
