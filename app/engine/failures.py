"""What went wrong, in words for a person."""

from __future__ import annotations

import errno
import gc
import traceback

import torch

from app.core.errors import ErrorKind, Failed, OcellusError
from app.core.files.disk_errors import is_full

_OUT_OF_MEMORY = ("out of memory", "DefaultCPUAllocator", "can't allocate memory")
_DEVICE = ("CUDA error", "CUDA driver", "cuDNN", "CUBLAS", "CUSOLVER", "device-side assert", "NVML")


def describe(error: BaseException) -> Failed:
    """The `Failed` for an exception; its traceback is kept as text only."""
    if isinstance(error, OcellusError):
        return error.failed
    detail = "".join(traceback.format_exception(error)).strip()
    if _is_out_of_memory(error):
        return Failed(
            ErrorKind.OUT_OF_MEMORY,
            "There is not enough memory for this.",
            "Close other programs, send fewer pictures, or choose a smaller model.",
            detail,
        )
    if _is_device_fault(error):
        return Failed(
            ErrorKind.DEVICE,
            "The graphics card reported an error.",
            "Ask again; the engine restarts. If it keeps failing, restart the computer or "
            "update the graphics driver.",
            detail,
        )
    if isinstance(error, OSError) and is_full(error):
        return Failed(
            ErrorKind.DISK_FULL,
            "The disk is full.",
            "Free some space and try again.",
            detail,
        )
    return Failed(
        ErrorKind.INTERNAL,
        "Something went wrong in the engine.",
        "Try once more. If it happens again, please report it with the details.",
        detail,
    )


def bad_checkpoint(error: BaseException) -> Failed:
    """The `Failed` for an exception out of loading: the checkpoint, unless it is the machine."""
    failed = describe(error)
    if failed.kind is not ErrorKind.INTERNAL:
        return failed
    return Failed(
        ErrorKind.BAD_CHECKPOINT,
        "The model could not be loaded.",
        "Its files may be damaged or of another version. Get the model again.",
        failed.detail,
    )


def free_memory() -> None:
    """Give back what nobody holds any more.

    Call after the `except` block: until it ends, the exception's frames hold
    their tensors.
    """
    gc.collect()

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _OUT_OF_MEMORY)


def _is_device_fault(error: BaseException) -> bool:
    if isinstance(error, torch.AcceleratorError):
        return True
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in _DEVICE)
