"""`run.py test --processors`: the engine's numbers as other processors would compute them.

The libraries below the engine each choose their code by what the processor has, and each can be
told to choose as if it had less. What a processor lacks cannot be added: that is said in a line.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from provision.environment import Environment
from provision.messages import SetupError, say

# Each library's words for the same instructions, from few to many.
_SSE = {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}
_SSE |= {"MKL_ENABLE_INSTRUCTIONS": "SSE4_2"}
_AVX2 = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}
_AVX2 |= {"MKL_ENABLE_INSTRUCTIONS": "AVX2"}
_AVX512 = {"ATEN_CPU_CAPABILITY": "avx512", "ONEDNN_MAX_CPU_ISA": "AVX512_CORE"}
_AVX512 |= {"MKL_ENABLE_INSTRUCTIONS": "AVX512"}
_BF16 = _AVX512 | {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE_BF16"}

# What torch calls the instructions it uses, from few to many.
LEVELS = ("DEFAULT", "AVX2", "AVX512")
# So long a row may take before it counts as hung; the whole matrix took a third of this.
_ROW_SECONDS = 1800

# Asked of the environment's own Python: torch, and through it bitsandbytes.
PROBE = """
import json
from app.engine.environment import settle
settle()
import torch
from app.engine.four_bit import has_avx512bf16
level = torch.backends.cpu.get_cpu_capability()
print(json.dumps({"level": level, "packed": bool(has_avx512bf16())}))
"""


@dataclass(frozen=True)
class Row:
    """One processor that is tried: what it has, and how the engine is set."""

    name: str
    # The least that the processor at hand has to have, in torch's words; "" is whatever it has.
    level: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    threads: int = 1
    # bitsandbytes' products over weights packed for AVX-512 with bfloat16.
    packed: bool = True
    # The head: in 4 bits where it is large enough, always, or never.
    head: str = "by size"

    def missing(self, found: Found) -> str:
        """What the processor at hand lacks for this row; empty if nothing."""
        if self.level and LEVELS.index(self.level) > LEVELS.index(found.level):
            return f"{self.level}, and has {found.level}"
        if self.packed and self.needs_packed and not found.packed:
            return "AVX-512 with bfloat16"
        return ""

    @property
    def needs_packed(self) -> bool:
        """Whether the row is about the packed products, and nothing without them."""
        return self.head != "by size" or self.settings.get("ONEDNN_MAX_CPU_ISA", "")[-4:] == "BF16"

    def variables(self, root: Path) -> dict[str, str]:
        """The environment's variables that make this row."""
        found = {**self.settings, "OCELLUS_TEST_THREADS": str(self.threads)}
        found["OCELLUS_TEST_HEAD"] = self.head
        if not self.packed:
            found["PYTHONPATH"] = str(root / "tests" / "support" / "unpacked")
        return found


@dataclass(frozen=True)
class Found:
    """What the libraries say of the processor at hand."""

    level: str
    packed: bool


ROWS = (
    Row("as it is"),
    Row("as it is, two threads", threads=2),
    Row("AVX-512 with bfloat16, the head always in 4 bits", "AVX512", _BF16, 2, head="always"),
    Row("AVX-512 with bfloat16, the head never in 4 bits", "AVX512", _BF16, head="never"),
    Row("AVX-512 without bfloat16", "AVX512", _AVX512, 2, packed=False),
    Row("a desktop with AVX2", "AVX2", _AVX2, packed=False),
    Row("a desktop with AVX2, two threads", "AVX2", _AVX2, 2, packed=False),
    Row("nothing over SSE", "DEFAULT", _SSE, packed=False),
    # Each library for itself: they do not have to agree on what the processor has.
    Row("torch's own sums plain, products packed", settings={"ATEN_CPU_CAPABILITY": "default"}),
)


def run(environment: Environment, words: tuple[str, ...], arguments: list[str]) -> int:
    """The tests of the engine's numbers on every row; 1 if any failed. `words` are pytest's."""
    root = environment.root
    here = found_under(environment, {})
    if here is None:
        raise SetupError("The engine's libraries do not start; run.py check says more.")
    packed = "with" if here.packed else "without"
    say(f"{processor()}: {here.level}, {packed} packed products in bfloat16.")
    table: list[tuple[str, str]] = []
    failed = False
    for row in ROWS:
        if lacks := row.missing(here):
            table.append((row.name, f"not here: this processor lacks {lacks}"))
            continue
        say(f"== {row.name} …")
        verdict, good = _try(environment, row, here, (*words, *arguments), root)
        failed = failed or not good
        table.append((row.name, verdict))
        say(f"   {verdict}")
    width = max(len(name) for name, _ in table)
    say("\n".join(f"{name:<{width}}  {verdict}" for name, verdict in table))
    return 1 if failed else 0


def _try(
    environment: Environment, row: Row, here: Found, words: tuple[str, ...], root: Path
) -> tuple[str, bool]:
    variables = row.variables(root)
    now = found_under(environment, variables)
    wanted = Found(row.level or (now.level if now else ""), row.packed and here.packed)
    if now != wanted:
        return f"FAILED: could not be emulated, the libraries say {now}", False
    started = time.monotonic()
    command = [str(environment.interpreter), "-m", "pytest", *words, "-m", "numbers", "-q"]
    try:
        done = subprocess.run(
            [*command, "tests/engine"],
            cwd=root,
            env={**environment.variables(), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_ROW_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"FAILED: not through after {_ROW_SECONDS} s", False
    took = time.monotonic() - started
    counted = re.findall(r"\d+ (?:passed|failed|errors?|skipped)", done.stdout[-400:])
    if done.returncode != 0:
        say(done.stdout)
        return f"FAILED: {', '.join(counted)}, {took:.0f} s", False
    return f"{', '.join(counted)}, {took:.0f} s", True


def found_under(environment: Environment, variables: dict[str, str]) -> Found | None:
    """What the libraries say of the processor under `variables`; None where they do not start."""
    done = subprocess.run(
        [str(environment.interpreter), "-c", PROBE],
        cwd=environment.root,
        env={**environment.variables(), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return Found(**json.loads(done.stdout.splitlines()[-1]))
    except (ValueError, IndexError, TypeError):
        say(done.stderr)
        return None


def processor() -> str:
    """The processor's name and how many of its cores this process may use."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{names[0] if names else name}, {cores} cores"
