"""`python -m app bench engine`: our own generation beside transformers' `generate`.

Weights are random, in 4 bits; both run on the same ones, in turn, in one process.
"""

import time
from unittest.mock import patch

from tests.bench.measure import Result

RUNS = 5
TOKENS = 24
# On a card the whole 7B shape; on a CPU a few of its layers, which says as much.
CPU_LAYERS = 4


def engine():
    """Yield one Result after the other."""
    from app.engine.environment import import_libraries, settle

    settle()
    import_libraries()
    import torch

    from app.engine.precision import compute_dtype
    from tests.bench.random_model import MISTRAL_7B, THIN, random_model

    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    dtype = compute_dtype(device)
    thin = _Pair(random_model(32, THIN, device, dtype))
    yield thin.decode("a token around the kernels, 32 thin layers", 64, 9.0)
    yield thin.drafts("a token where every guess is right", right=True)
    yield thin.drafts("a token where every guess is wrong", right=False)
    del thin
    layers = 32 if device.type == "cuda" else CPU_LAYERS
    wide = _Pair(random_model(layers, MISTRAL_7B, device, dtype))
    name = f"{layers} layers of the 7B shape"
    yield wide.prefill(f"the first token after 512, {name}", 512)
    yield wide.decode(f"a token after 512, {name}", 512)
    yield wide.decode(f"a token after 2048, {name}", 2048)
    yield wide.follow_up(f"the first token of a follow-up after 2048, {name}")


class _Pair:
    """Our generation and `generate` on one model."""

    def __init__(self, model) -> None:
        from app.engine.decoder import Decoder

        self.model = model
        self.decoder = Decoder(model)

    def decode(self, name, length, goal=None):
        """Milliseconds for a token; the time to the first is taken out."""
        import torch

        ids = self._ids(length)
        ours, peer = [], []
        self._generate(ids, 2)
        for _ in range(RUNS):
            decoding, token = self._start(ids)
            token, _ = decoding.step(token)
            began = time.perf_counter()
            said = [token]
            for _ in range(TOKENS):
                said.append(decoding.step(said[-1])[0])
            ours.append((time.perf_counter() - began) * 1000 / TOKENS)
            began = time.perf_counter()
            self._generate(ids, 2)
            short = time.perf_counter() - began
            began = time.perf_counter()
            self._generate(ids, TOKENS + 2)
            peer.append((time.perf_counter() - began - short) * 1000 / TOKENS)
            if torch.cuda.is_available() and self.decoder.cannot_capture:
                print(f"Not recorded: {self.decoder.cannot_capture}")
        return Result(name, ours, "transformers' generate", peer, goal)

    def prefill(self, name, length):
        """Milliseconds to the first token of a prompt."""
        ids = self._ids(length)
        ours, peer = [], []
        self._generate(ids, 1)
        for _ in range(RUNS):
            began = time.perf_counter()
            self._start(ids)
            ours.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            self._generate(ids, 1)
            peer.append((time.perf_counter() - began) * 1000)
        return Result(name, ours, "transformers' generate", peer)

    def follow_up(self, name):
        """Milliseconds to the first token when all but the last 24 tokens are known."""
        ids = self._ids(2048)
        decoding, _ = self._start(ids)
        ours, peer = [], []
        for _ in range(RUNS):
            decoding.cache.crop(len(ids) - 24)
            began = time.perf_counter()
            self._start(ids, decoding)
            ours.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            self._start(ids)
            peer.append((time.perf_counter() - began) * 1000)
        return Result(name, ours, "ours from nothing", peer)

    def drafts(self, name, *, right):
        """Milliseconds for a token with prompt lookup, beside without."""
        from itertools import islice

        from app.engine.generation import generate
        from app.engine.lookup import Lookup

        ids, count = self._ids(64), 8 * TOKENS
        ours, peer = [], []
        for _ in range(RUNS):
            took = {}
            said = []
            for lookup in (None, Lookup(ids, 3)):
                decoding, token = self._start(ids)
                at = [0]

                def guess(_lookup, most, at=at, said=said):
                    # The answer is known from the run before; wrong is what it does not say.
                    known = said[at[0] : at[0] + most]
                    return known if right else [(token + 1) % 2000 for token in known]

                tokens = generate(decoding, (token, 1.0), lookup, self.decoder.context)
                began = time.perf_counter()
                with patch.object(Lookup, "draft", guess):
                    for token, _ in islice(tokens, count):
                        at[0] += 1
                        if lookup is None:
                            said.append(token)
                took[lookup is None] = (time.perf_counter() - began) * 1000 / count
            ours.append(took[False])
            peer.append(took[True])
        return Result(name, ours, "no guesses", peer)

    def _ids(self, length):
        import torch

        generator = torch.Generator().manual_seed(length)
        return torch.randint(10, 2000, (length,), generator=generator).tolist()

    def _start(self, ids, decoding=None):
        from app.core.conversation import Sampling
        from app.engine.decoding import OwnDecoding
        from app.engine.prompt import Prompt
        from app.engine.sampling import Sampler
        from app.engine.stopping import Brake

        sampler = Sampler(Sampling())
        if decoding is None:
            cache = self.decoder.new_cache()
            # As the engine does: with room for the answer to come.
            cache.reserve(len(ids) + 512)
            decoding = OwnDecoding(self.decoder, Brake(), sampler, cache)
        token, _ = sampler.choose(decoding.prefill(Prompt(ids, (), 0, 0), {}))
        return decoding, token

    def _generate(self, ids, count):
        import torch

        prompt = torch.tensor([ids], device=self.decoder.device)
        self.model.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=count,
            min_new_tokens=count,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )
