"""Those who answer in `bench engine`: our own loop, transformers' `generate`, llama.cpp.

Each has a name and two things it can be asked for: an answer from nothing, with the time to its
first token and the time of each later one, and tokens behind a text that it already knows.
"""

import time


class Ours:
    """The engine's own loop on a loaded model."""

    name = "ours"

    def __init__(self, model):
        from app.engine.decoding.decoder import Decoder

        self.decoder = Decoder(model)
        self._known = None

    def start(self, ids, cache=None):
        """(decoding, first token) of a prompt, over `cache` where one is given."""
        from app.core.conversation import Sampling
        from app.engine.cancellation import CancellationCheck
        from app.engine.decoding.prompt import Prompt
        from app.engine.decoding.sampling import Sampler
        from app.engine.decoding.static_decoding import OwnDecoding

        if cache is None:
            cache = self.decoder.new_cache()
            # As the engine does: with room for the answer to come.
            cache.reserve(len(ids) + 512)
        sampler = Sampler(Sampling())
        decoding = OwnDecoding(self.decoder, CancellationCheck(), sampler, cache)
        token, _ = sampler.choose(decoding.prefill(Prompt(ids, (), 0, 0), {}))
        return decoding, token

    def answer(self, ids, count):
        """Milliseconds to the first token, and for each of the `count` after it."""
        began = time.perf_counter()
        decoding, token = self.start(ids)
        first = time.perf_counter() - began
        return first * 1000, self._steps(decoding, token, count)

    def after(self, length, count):
        """Milliseconds for each of `count` tokens behind `length` that are known."""
        if self._known is None or self._known.length < length:
            self._known = filled(self.decoder, length)
        self._known.crop(length)
        decoding, token = self.start([5] * (length + 1), self._known)
        return self._steps(decoding, token, count)

    def _steps(self, decoding, token, count):
        # The first may have to be recorded, and makes what later ones find ready.
        token, _ = decoding.step(token)
        began = time.perf_counter()
        for _ in range(count):
            token, _ = decoding.step(token)
        return (time.perf_counter() - began) * 1000 / count


def filled(decoder, length):
    """A cache of `length` tokens with any values: how long a step takes does not ask for them."""
    cache = decoder.new_cache()
    cache.reserve(length + 512)
    for pair in cache.pairs:
        pair.normal_()
    cache.length = length
    return cache


class Generate:
    """transformers' `generate` on a loaded model."""

    def __init__(self, name, model):
        self.name = name
        self._model = model

    def answer(self, ids, count):
        """See `Ours`."""
        began = time.perf_counter()
        times = self._tokens(ids, count + 2)
        return (times[0] - began) * 1000, (times[-1] - times[1]) * 1000 / count

    def after(self, length, count):
        """See `Ours`."""
        import torch
        from transformers import DynamicCache

        config = self._model.config.text_config
        width = config.hidden_size // config.num_attention_heads
        cache = DynamicCache(config=config)
        like = self._model.lm_head.weight
        for layer in range(config.num_hidden_layers):
            shape = (1, config.num_key_value_heads, length, width)
            made = torch.randn(shape, dtype=like.dtype, device=like.device)
            cache.update(made, made.clone(), layer)
        times = self._tokens([5] * (length + 1), count + 2, cache)
        return (times[-1] - times[1]) * 1000 / count

    def _tokens(self, ids, count, cache=None):
        """When each of `count` tokens came."""
        import torch
        from transformers.generation.streamers import BaseStreamer

        class Times(BaseStreamer):
            """Notes when it is given something; the prompt comes first."""

            def __init__(self):
                self.seen = []

            def put(self, value):
                self.seen.append(time.perf_counter())

            def end(self):
                pass

        prompt = torch.tensor([ids], device=self._model.lm_head.weight.device)
        times = Times()
        self._model.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=count,
            min_new_tokens=count,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
            streamer=times,
            past_key_values=cache,
        )
        return times.seen[1:]


class LlamaCpp:
    """llama.cpp through llama-cpp-python, on a file of its own with the same layers in Q4_K_M."""

    name = "llama.cpp Q4_K_M"

    def __init__(self, file, threads):
        import llama_cpp

        self.name = f"llama.cpp Q4_K_M (llama-cpp-python {llama_cpp.__version__})"
        self._model = llama_cpp.Llama(
            str(file),
            n_ctx=4096,
            n_batch=512,
            n_threads=threads,
            n_threads_batch=threads,
            n_gpu_layers=-1,
            verbose=False,
        )

    def answer(self, ids, count):
        """See `Ours`."""
        self._model.reset()
        began = time.perf_counter()
        self._model.eval(ids)
        token = self._chosen()
        first = time.perf_counter() - began
        return first * 1000, self._steps(token, count)

    def after(self, length, count):
        """See `Ours`."""
        if self._model.n_tokens < length:
            self._model.reset()
            self._model.eval([5] * length)
        # What is beyond is let go of at the next call.
        self._model.n_tokens = length
        self._model.eval([5])
        return self._steps(self._chosen(), count)

    def _steps(self, token, count):
        self._model.eval([token])
        token = self._chosen()
        began = time.perf_counter()
        for _ in range(count):
            self._model.eval([token])
            token = self._chosen()
        return (time.perf_counter() - began) * 1000 / count

    def _chosen(self):
        # As ours: the likeliest, over all of the vocabulary.
        import llama_cpp
        import numpy as np

        logits = llama_cpp.llama_get_logits_ith(self._model.ctx, -1)
        return int(np.argmax(np.ctypeslib.as_array(logits, (self._model.n_vocab(),))))


def llama_cpp_missing():
    """Why llama.cpp cannot stand beside; empty where it can."""
    from importlib.util import find_spec

    missing = [name for name in ("llama_cpp", "gguf") if find_spec(name) is None]
    if not missing:
        return ""
    return (
        f"llama.cpp does not stand beside: {', '.join(missing)} is not installed "
        "(pip install --no-binary llama-cpp-python llama-cpp-python gguf; with "
        "CMAKE_ARGS=-DGGML_CUDA=ON for a card)"
    )
