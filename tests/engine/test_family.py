"""Every architecture of the family: the engine's numbers, and an answer in 4 bits."""

import pytest
import torch
import transformers
from PIL import Image

from app.core.conversation import Sampling
from app.core.model import Architecture, ModelSpec, PromptFormat
from app.core.pictures import picture_path
from app.core.requests import LoadModel
from app.engine.cancellation import CancellationCheck
from app.engine.decoding.decoder import Decoder
from app.engine.decoding.hf_decoding import GrowingCache, PlainDecoding
from app.engine.decoding.prompt import Prompter
from app.engine.decoding.sampling import Sampler
from app.engine.decoding.static_decoding import OwnDecoding
from app.engine.four_bit import Linear4bit
from app.engine.vision.features import Vision
from tests.engine.asking import finished, question
from tests.engine.checkpoints import write_checkpoint
from tests.engine.tolerance import same_logits

pytestmark = pytest.mark.numbers

NEXT, LLAVA, ONEVISION = Architecture.LLAVA_NEXT, Architecture.LLAVA, Architecture.LLAVA_ONEVISION
INTERLEAVE = Architecture.LLAVA_INTERLEAVE
FAMILY = {
    "1.6 on Mistral": (NEXT, "mistral", PromptFormat.MISTRAL),
    "1.6 on Vicuna": (NEXT, "llama", PromptFormat.VICUNA),
    "1.6 on Yi": (NEXT, "yi", PromptFormat.CHATML_DIRECT),
    "NeXT on Llama 3": (NEXT, "llama-3", PromptFormat.LLAMA_3),
    "NeXT on Qwen": (NEXT, "qwen2", PromptFormat.CHATML),
    "1.5 on Vicuna": (LLAVA, "llama", PromptFormat.LLAVA_15),
    "Med on Mistral": (LLAVA, "mistral", PromptFormat.MISTRAL),
    "Interleave": (INTERLEAVE, "qwen2-tied", PromptFormat.CHATML),
    "OneVision": (ONEVISION, "qwen2", PromptFormat.CHATML),
    "OneVision, small": (ONEVISION, "qwen2-tied", PromptFormat.CHATML),
}


@pytest.fixture(scope="module", params=FAMILY)
def member(request, libraries, tmp_path_factory):
    architecture, decoder, prompt_format = FAMILY[request.param]
    folder = tmp_path_factory.mktemp("family") / decoder
    write_checkpoint(folder, architecture, decoder=decoder)
    return ModelSpec(request.param, request.param, str(folder), prompt_format, architecture)


def plain(spec):
    """transformers alone on the same files, in float32."""
    names = {NEXT: "LlavaNext", LLAVA: "Llava", INTERLEAVE: "Llava", ONEVISION: "LlavaOnevision"}
    cls = getattr(transformers, f"{names[spec.architecture]}ForConditionalGeneration")
    return cls.from_pretrained(spec.folder, dtype=torch.float32).eval()


def test_the_engines_logits_are_those_of_transformers_alone(member, exact, shared_bench):
    spec = exact(member)
    shared_bench.handle(LoadModel(spec))
    loaded = shared_bench.engine.llava.loaded
    # The last takes more tiles than OneVision lets through without shrinking.
    sizes = [(100, 60), (30, 50), (170, 165)]
    pictures = [shared_bench.picture(*size, seed=size[0]) for size in sizes]
    turns = (
        question("What is the total?", pictures[0], reference=("Total  12.50",)),
        question("And here?", *pictures[1:]),
    )
    vision = Vision(loaded, shared_bench.store)
    views = [vision.look(picture) for picture in pictures]
    prompter = Prompter(loaded.tokenizer, spec.prompt_format, loaded.model.config.image_token_id)
    prompt = prompter.build(turns, [view.tokens for view in views], loaded.context)
    features = {index: vision.features(view) for index, view in enumerate(views)}
    decoder = Decoder(loaded.model)
    sampler = Sampler(Sampling())
    ours = OwnDecoding(decoder, CancellationCheck(), sampler, decoder.new_cache()).prefill(
        prompt, features
    )
    cache = GrowingCache(loaded.model.config.text_config)
    plainly = PlainDecoding(loaded, CancellationCheck(), sampler, cache).prefill(prompt, features)

    reference = plain(spec)
    images = []
    for picture in pictures:
        opened = Image.open(picture_path(shared_bench.store, picture.sha256)).convert("RGB")
        images.append(loaded.processor.image_processor(images=[opened], return_tensors="pt"))
    with torch.inference_mode():
        told = [
            reference.get_image_features(**image, return_dict=True).pooler_output
            for image in images
        ]
        ids = torch.tensor([prompt.ids])
        embeddings = reference.get_input_embeddings()(ids)
        place = ids[0] == reference.config.image_token_id
        embeddings[0, place] = torch.cat([feature[0] for feature in told])
        theirs = reference(inputs_embeds=embeddings).logits[0, -1]
        one = reference(
            input_ids=ids[:, : prompt.spans[0].stop], **images[0], use_cache=False
        ).logits
        alone = reference(inputs_embeds=embeddings[:, : prompt.spans[0].stop]).logits
    assert theirs.std() > 0.1
    same_logits(ours, theirs)
    same_logits(plainly, theirs)
    # And transformers puts a picture where we put it.
    same_logits(one, alone)


def test_interleave_sees_a_picture_stretched_to_its_square(shared_bench, exact, tmp_path):
    """As SigLIP's own processor, with which it is published: nothing cropped, nothing padded."""
    folder = tmp_path / "interleave"
    write_checkpoint(folder, INTERLEAVE, decoder="qwen2-tied")
    spec = exact(ModelSpec("i", "I", str(folder), PromptFormat.CHATML, INTERLEAVE))
    shared_bench.handle(LoadModel(spec))
    processor = shared_bench.engine.llava.loaded.processor
    picture = Image.effect_noise((90, 40), 90).convert("RGB")
    seen = processor.image_processor(images=[picture], return_tensors="pt")
    square = picture.resize((28, 28), Image.Resampling.BICUBIC)
    wanted = torch.tensor(list(square.tobytes())).view(28, 28, 3) / 127.5 - 1
    found = seen["pixel_values"][0].permute(1, 2, 0)
    assert (found - wanted).abs().max() < 0.03, "a few levels of 255"
    assert processor.replace_image_token(seen, 0).count(processor.image_token) == 4


def test_it_answers_in_four_bits(member, shared_bench):
    turns = [question("What is the total?", shared_bench.picture(100, 60))]
    seen, _, chances, last = shared_bench.answer(member, turns, seed=1)
    assert finished(last).stats.new_tokens == len(chances) > 0
    assert all(0 < chance <= 1 for chance in chances)
    decoder = shared_bench.engine.llava.loaded.model.model.language_model
    assert isinstance(decoder.layers[0].self_attn.q_proj, Linear4bit)
    one = ((1, 1), 1)
    expected = {NEXT: ((2, 2), 5), LLAVA: one, INTERLEAVE: one, ONEVISION: ((3, 4), 13)}
    assert (seen.grid, seen.tiles) == expected[member.architecture]
