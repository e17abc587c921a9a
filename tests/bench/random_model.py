"""LLaVA models of any shape with random weights: speed does not ask for their values."""

import torch
import transformers

from app.engine.four_bit import Linear4bit, Params4bit

MISTRAL_7B = {
    "vocab_size": 32064,
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
}
THIN = {
    "vocab_size": 2048,
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
}


# The tower of the released models, and the grids that they cut pictures into.
CLIP_L = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "projection_dim": 768,
    "image_size": 336,
    "patch_size": 14,
}
GRID = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]
# Where no picture is looked at.
TOKEN_TOWER = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 14,
}


def random_model(layers, shape, device, dtype, *, four_bit=True, tower=TOKEN_TOWER):
    """A LlavaNext on Mistral, made on `device` one weight at a time."""
    config = _config(layers, shape, tower)
    with torch.device("meta"):
        model = transformers.LlavaNextForConditionalGeneration(config).to(dtype)
    generator = torch.Generator(device).manual_seed(1)

    def values(like):
        made = torch.empty(like.shape, dtype=dtype, device=device)
        return made.fill_(1.0) if like.dim() == 1 else made.normal_(0, 0.02, generator=generator)

    for layer in model.model.language_model.layers if four_bit else ():
        for part in (layer.self_attn, layer.mlp):
            for name, module in list(part.named_children()):
                if isinstance(module, torch.nn.Linear):
                    setattr(part, name, _four_bit(module, values(module.weight), device, dtype))
    _fill(model, values, device)
    return model.eval()


def _fill(model, values, device):
    """Give what is still without memory its values."""
    decoder = model.model.language_model
    with torch.device(device):
        decoder.rotary_emb = type(decoder.rotary_emb)(model.config.text_config)
    for module in model.modules():
        for name, value in list(module.named_parameters(recurse=False)):
            if value.is_meta:
                setattr(module, name, torch.nn.Parameter(values(value), requires_grad=False))
        for name, value in list(module.named_buffers(recurse=False)):
            if value.is_meta:
                module.register_buffer(name, torch.zeros(value.shape, dtype=value.dtype).to(device))


def _config(layers, shape, tower):
    text = transformers.MistralConfig(
        **shape, num_hidden_layers=layers, max_position_embeddings=32768, sliding_window=None
    )
    vision = transformers.CLIPVisionConfig(**tower)
    return transformers.LlavaNextConfig(
        text_config=text,
        vision_config=vision,
        image_token_index=3,
        image_grid_pinpoints=GRID if tower is CLIP_L else [[28, 56]],
        attn_implementation="sdpa",
    )


def _four_bit(module, weight, device, dtype):
    made = Linear4bit(
        module.in_features,
        module.out_features,
        bias=False,
        compute_dtype=dtype,
        quant_type="nf4",
        device="meta",
    )
    made.weight = Params4bit(weight, requires_grad=False, quant_type="nf4", module=made)
    return made.to(device)
