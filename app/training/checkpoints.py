"""Training that can be interrupted anywhere and goes on where it was."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from app.core.files.atomic import replacing

_SAVE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of training: so many steps at a peak learning rate."""

    name: str
    steps: int
    rate: float
    warm_up: int = 50
    final: float = 0.1

    def rate_at(self, step: int) -> float:
        """Linear warm-up, then a cosine down to `final` of the peak."""
        if step < self.warm_up:
            return self.rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.rate * (self.final + (1 - self.final) * 0.5 * (1 + math.cos(math.pi * done)))


def save(path: Path, state: dict[str, Any]) -> None:
    """Write it, so that a kill leaves the old file or this one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        torch.save(state, file)


def load(path: Path) -> dict[str, Any] | None:
    """What was saved, or None."""
    return torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None


def device() -> torch.device:
    """CUDA where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast() -> Any:
    """bfloat16 where the processor multiplies in it, which halves the time of a step."""
    where = device().type
    if where == "cuda" or torch.cpu._is_avx512_bf16_supported():  # noqa: SLF001 - no public name
        return torch.autocast(where, torch.bfloat16)
    return nullcontext()


def train(
    phase: Phase,
    model: nn.Module,
    loss_at: Callable[[int], torch.Tensor],
    work: Path,
) -> None:
    """Run `phase`, or what is left of it; a finished phase only loads its weights.

    `loss_at(step)` makes the batch of that step from its number alone, so a
    resumed run sees what an uninterrupted one would have seen. Parameters that
    do not require gradients are neither trained nor stored.
    """
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    optimiser = torch.optim.AdamW(
        trained.values(), lr=phase.rate, betas=(0.9, 0.98), weight_decay=0
    )
    path = work / f"{phase.name}.pt"
    start = 0
    if state := load(path):
        start = int(state["step"])
        with torch.no_grad():
            for name, parameter in trained.items():
                parameter.copy_(state["weights"][name])
        if state["optimiser"]:
            optimiser.load_state_dict(state["optimiser"])
    if start >= phase.steps:
        return

    def store(step: int) -> None:
        finished = step >= phase.steps
        weights = {name: p.detach().cpu() for name, p in trained.items()}
        kept = {} if finished else optimiser.state_dict()
        save(path, {"step": step, "weights": weights, "optimiser": kept})

    begun = saved = time.monotonic()
    running = 0.0
    for step in range(start, phase.steps):
        for group in optimiser.param_groups:
            group["lr"] = phase.rate_at(step)
        torch.manual_seed(step)
        with autocast():
            loss = loss_at(step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(trained.values(), 1.0)
        optimiser.step()
        running += float(loss.detach())
        if (step + 1) % 50 == 0:
            took = time.monotonic() - begun
            print(
                f"{phase.name} {step + 1}/{phase.steps}  loss {running / 50:.4f}  {took:.0f} s",
                flush=True,
            )
            running = 0.0
        if time.monotonic() - saved > _SAVE_SECONDS:
            store(step + 1)
            saved = time.monotonic()
    store(phase.steps)
