"""A quick look: the overview of a picture alone, held against transformers' own LLaVA-1.5.

That model sees one tile and nothing else. Over the weights of a model with tiles, it is what
such a model without its tiles has to say.
"""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import transformers

from app.catalog.catalog import load_catalog
from app.core.conversation import Role, Turn
from app.core.model import Architecture, ModelSpec, PromptFormat
from app.core.requests import LoadModel
from app.engine import llava
from app.engine.decoding.prompt import Prompter
from app.engine.vision.quick_look import overview_pixels
from tests.engine.asking import choices, finished, opened, question
from tests.engine.checkpoints import write_checkpoint
from tests.engine.tolerance import another_answer, same_answer, same_choices

pytestmark = pytest.mark.numbers

MODELS = Path(__file__).resolve().parents[2] / "models"
FAMILIES = {
    "next": (Architecture.LLAVA_NEXT, PromptFormat.MISTRAL, "mistral"),
    "onevision": (Architecture.LLAVA_ONEVISION, PromptFormat.CHATML, "qwen2"),
}


@pytest.fixture(scope="module", params=[*FAMILIES, "builtin"])
def spec(request, libraries, exact, tmp_path_factory):
    if request.param == "builtin":
        nowhere = tmp_path_factory.mktemp("none")
        found = load_catalog(MODELS / "catalog.toml", MODELS / "builtin", nowhere)
        return exact(found.spec("builtin"))
    architecture, prompt_format, decoder = FAMILIES[request.param]
    folder = tmp_path_factory.mktemp("quick") / request.param
    write_checkpoint(folder, architecture, decoder=decoder)
    return exact(ModelSpec(request.param, "Small", str(folder), prompt_format, architecture))


def tiles(bench, picture):
    """All tiles by the model's own processor, (tiles, 3, side, side); the overview is the first."""
    images = bench.engine.llava.loaded.processor.image_processor
    return images(images=[opened(bench, picture)], return_tensors="pt")["pixel_values"][0]


def one_tile_answer(bench, turns, new_tokens):
    """(The prompt's length, the choices) of greedy `generate` by LLaVA-1.5 over these modules."""
    engine = bench.engine.llava
    loaded, theirs = engine.loaded, engine.loaded.model
    config = transformers.LlavaConfig(
        vision_config=theirs.config.vision_config,
        text_config=theirs.config.text_config,
        image_token_index=theirs.config.image_token_id,
        vision_feature_layer=theirs.config.vision_feature_layer,
        vision_feature_select_strategy=theirs.config.vision_feature_select_strategy,
        projector_hidden_act=theirs.config.projector_hidden_act,
    )
    with torch.device("meta"):
        model = transformers.LlavaForConditionalGeneration(config)
    for name in ("vision_tower", "multi_modal_projector", "language_model"):
        setattr(model.model, name, getattr(theirs.model, name))
    model.lm_head = theirs.lm_head
    model.generation_config = theirs.generation_config
    pictures = [picture for turn in turns for picture in turn.pictures]
    vision = theirs.config.vision_config
    count = (vision.image_size // vision.patch_size) ** 2
    prompter = Prompter(loaded.tokenizer, loaded.spec.prompt_format, theirs.config.image_token_id)
    ids = prompter.build(
        turns, [count] * len(pictures), loaded.context, engine.prefix_cache.answers(turns)
    ).ids
    output = model.eval().generate(
        input_ids=torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        pixel_values=torch.stack([tiles(bench, picture)[0] for picture in pictures]),
        max_new_tokens=new_tokens,
        do_sample=False,
        return_dict_in_generate=True,
        output_logits=True,
    )
    return len(ids), choices(output, len(ids), engine.ends)


def told_as_one_tile(bench, spec, turns):
    """Answer with a quick look, compare, and return the conversation with the answer."""
    answered = bench.answer(spec, turns, quick=True, max_new_tokens=20)
    answer = Turn(Role.MODEL, answered.text)
    count, expected = one_tile_answer(bench, turns, 20)
    assert finished(answered.last).stats.new_tokens == len(answered.chances)
    same_choices(answered.chances, expected, answered.dtype)
    assert answered.seen.tokens == count
    return [*turns, answer]


@pytest.mark.parametrize("drafts", [False, True], ids=["alone", "drafts"])
def test_a_quick_look_says_what_one_tile_says(shared_bench, spec, drafts, monkeypatch):
    """Fresh, followed up, with a second picture of another shape, and with another question."""
    if not drafts:
        monkeypatch.setattr(llava.Llava, "_lookup", lambda *_: None)
    shared_bench.handle(LoadModel(spec))
    shared_bench.engine.llava.forget()
    first, second = shared_bench.picture(100, 60, seed=1), shared_bench.picture(50, 200, seed=2)
    told = told_as_one_tile(shared_bench, spec, [question("What is the total?", first)])
    told = told_as_one_tile(shared_bench, spec, [*told, question("And the date?")])
    told_as_one_tile(shared_bench, spec, [*told, question("And this?", second)])
    told_as_one_tile(shared_bench, spec, [question("What colour is it?", second)])


@pytest.mark.parametrize("size", [(100, 60), (50, 200), (1920, 1080), (3, 2)])
def test_the_overview_is_the_processors_own(shared_bench, spec, size):
    shared_bench.handle(LoadModel(spec))
    picture = shared_bench.picture(*size, seed=4)
    images = shared_bench.engine.llava.loaded.processor.image_processor
    made = overview_pixels(images, opened(shared_bench, picture))
    torch.testing.assert_close(made, tiles(shared_bench, picture)[:1], rtol=0, atol=1e-5)


def test_both_looks_at_a_picture_are_kept_and_never_mixed_up(bench, tiny, exact):
    """The same picture and words, once whole and once quickly: neither answers for the other."""
    spec = exact(tiny)
    turns = [question("What is it?", bench.picture(100, 60, seed=3))]
    whole = bench.answer(spec, turns)
    quick = bench.answer(spec, turns, quick=True)
    assert (whole[0].tiles, quick[0].tiles) == (5, 1)
    assert (whole[0].grid, quick[0].grid) == ((2, 2), (1, 1))
    # 28 of 100 pixels.
    assert quick[0].scale == pytest.approx(0.28)
    assert quick[0].tokens < whole[0].tokens
    assert another_answer(quick, whole)
    looks = []
    tower = bench.engine.llava.loaded.model.model.vision_tower
    tower.register_forward_pre_hook(lambda *_: looks.append(1))
    for asked_quickly, before in ((False, whole), (True, quick)):
        bench.engine.llava.prefix_cache.forget()
        again = bench.answer(spec, turns, quick=asked_quickly)
        same_answer(again, before)
    # From one to the other in the middle of a conversation, over what the other left behind.
    told = [*turns, Turn(Role.MODEL, quick[1]), question("And now?")]
    warm = bench.answer(spec, told)
    bench.engine.llava.prefix_cache.forget()
    cold = bench.answer(spec, told)
    same_answer(warm, cold)
    assert not looks


def test_where_there_is_one_tile_a_quick_look_changes_nothing(bench, tiny_15, exact):
    spec = exact(tiny_15)
    turns = [question("What is it?", bench.picture(100, 60, seed=3))]
    whole = bench.answer(spec, turns)
    vision = bench.engine.llava.vision
    assert vision.look(turns[0].pictures[0], quick=True) is vision.look(turns[0].pictures[0])
    same_answer(bench.answer(spec, turns, quick=True), whole)


def test_it_takes_576_tokens_in_the_released_models(shared_bench, released):
    spec = replace(released, id="released, quick")
    for size in ((1920, 1080), (336, 336)):
        picture = shared_bench.picture(*size)
        seen, *_, last = shared_bench.answer(
            spec, [question("What?", picture)], quick=True, max_new_tokens=1
        )
        finished(last)
        view = shared_bench.engine.llava.vision.look(picture, quick=True)
        assert view.tokens == view.features.shape[0] == 576
        assert seen.tiles == 1
