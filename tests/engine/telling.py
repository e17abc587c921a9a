"""A conversation with the engine, held against transformers' `generate` turn by turn."""

from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoTokenizer

from app.core.conversation import Role, Turn
from tests.engine.asking import finished, generate
from tests.engine.tolerance import same_choices


def never_said(folder, token):
    """`generate` takes a picture's token in an answer for a picture; random heads may say it."""
    file = folder / "model.safetensors"
    with safe_open(file, "pt") as opened:
        tensors, metadata = {k: opened.get_tensor(k) for k in opened.keys()}, opened.metadata()  # noqa: SIM118
    heads = [key for key in tensors if key.endswith("lm_head.weight")]
    heads = heads or [key for key in tensors if key.endswith("embed_tokens.weight")]
    tensors[heads[0]][AutoTokenizer.from_pretrained(folder).convert_tokens_to_ids(token)] = 0
    save_file(tensors, file, metadata)


def kept_ids(bench, turns):
    """The ids of the answers among `turns` that the engine remembers, by their places."""
    return bench.engine.llava.prefix_cache.answers(turns)


def told_as_generate_does(bench, spec, turns, new_tokens=24, known=None):
    """Answer `turns`, compare with `generate`, and return the conversation with the answer.

    `known` keeps what `generate` said of a model's prompts, which takes longer than all else here.
    """
    answered = bench.answer(spec, turns, max_new_tokens=new_tokens)
    assert finished(answered.last).stats.new_tokens == len(answered.chances)
    answer = Turn(Role.MODEL, answered.text)
    # What a follow-up is built of is what was said.
    (kept,) = kept_ids(bench, [answer]).values()
    assert list(kept) == [chance.token for chance in answered.chances]
    asked = (spec, tuple(turns), tuple(kept_ids(bench, turns).items()), new_tokens)
    known = {} if known is None else known
    if asked not in known:
        known[asked] = generate(bench, turns, new_tokens)
    _, expected = known[asked]
    same_choices(answered.chances, expected, answered.dtype)
    return [*turns, answer]
