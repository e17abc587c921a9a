"""How long the window stands still for answers that are hard to draw.

    python -m tests.bench.hard_answers [NAME…]

Each is written by the scripted engine within some two seconds, then its conversation is opened
anew. A timer that is due every millisecond tells how long the event loop was away.
"""

import asyncio
import json
import os
import sys
import tempfile
import time

from app.core.cleaning import clean

ROUNDS = 60
SECONDS = 2.0
# So long without a stall over this: everything is drawn.
_QUIET, _CALM_MS = 0.6, 12
_PAINTED = 0.5


def main(names):
    """Print each answer's longest stall."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from tests.bench.window import in_window
    from tests.support.hard_answers import hard_answers, random_answer

    answers = hard_answers()
    answers |= {f"random, seed {seed}": random_answer(seed) for seed in range(10)}
    answers = {name: text for name, text in answers.items() if not names or name in names}
    script = {}
    for name, text in answers.items():
        size = -(-len(text) // ROUNDS)
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        script[name] = [[SECONDS / len(pieces), piece] for piece in pieces]

    async def work(program):
        await asyncio.sleep(_PAINTED)
        program.session.chat.send("Are you there?")
        while program.session.chat.state.busy:
            await asyncio.sleep(0.005)
        print(f"{'':40}{'streamed in':>21}{'opened':>21}{'drawn after':>14}")
        for name, text in answers.items():
            await one(program, name, text)
        return []

    with tempfile.TemporaryDirectory() as folder:
        in_window(folder, work, json.dumps(script))


async def one(program, name, text):
    """Stream one answer in, and open its conversation."""
    chat = program.session.chat
    chat.new_conversation()
    await longest_stall(asyncio.sleep(_QUIET))

    async def ask():
        chat.send(name)
        while chat.state.busy:
            await asyncio.sleep(0.005)
        await calm()

    streamed = await longest_stall(ask())
    whole = chat.entries[-1].text.strip() == clean(text).strip()
    conversation = chat.conversation_id
    chat.new_conversation()
    await calm()

    async def open_it():
        chat.open_conversation(conversation)
        await calm()

    began = time.monotonic()
    opened = await longest_stall(open_it())
    drawn = time.monotonic() - began - _QUIET
    cells = [f"{wall:11.0f} ms ({own:4.0f})" for wall, own in (streamed, opened)]
    end = "" if whole else "  NOT WHOLE"
    print(f"{name:40}{''.join(cells)}{drawn:12.1f} s{end}", flush=True)


async def calm():
    """Until the event loop has come round soon for a while."""
    since = before = time.monotonic()
    while before - since < _QUIET:
        await asyncio.sleep(0.001)
        now = time.monotonic()
        if now - before > _CALM_MS / 1000:
            since = now
        before = now


async def longest_stall(way):
    """Milliseconds between two turns of the event loop at most, while `way` lasts.

    By the clock, and of the processor: on a busy machine the first is longer.
    """
    wall = own = 0.0
    before, used = time.monotonic(), time.thread_time()
    task = asyncio.ensure_future(way)
    while not task.done():
        await asyncio.sleep(0.001)
        now, uses = time.monotonic(), time.thread_time()
        wall, own = max(wall, now - before), max(own, uses - used)
        before, used = now, uses
    await task
    return wall * 1000, own * 1000


if __name__ == "__main__":
    main(sys.argv[1:])
