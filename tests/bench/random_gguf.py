"""A file for llama.cpp with random weights in Q4_K_M: speed does not ask for their values."""

import gguf
import numpy as np

Kind = gguf.GGMLQuantizationType


def write_random_gguf(file, layers, shape):
    """Write a Llama of `shape` (as in `random_model`), each tensor in the type Q4_K_M gives it."""
    width, wide = shape["hidden_size"], shape["intermediate_size"]
    heads, stored = shape["num_attention_heads"], shape["num_key_value_heads"]
    writer = gguf.GGUFWriter(file, "llama", use_temp_file=False)
    writer.add_context_length(32768)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(wide)
    writer.add_head_count(heads)
    writer.add_head_count_kv(stored)
    writer.add_rope_dimension_count(width // heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(shape["vocab_size"])
    writer.add_tokenizer_model("no_vocab")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q4_K_M)
    rng = np.random.default_rng(1)

    def put(name, rows, columns, kind):
        writer.add_tensor(name, _blocks(rng, rows, columns, kind), raw_dtype=kind)

    def ones(name):
        writer.add_tensor(name, np.ones(width, np.float32))

    put("token_embd.weight", shape["vocab_size"], width, Kind.Q4_K)
    for layer in range(layers):
        block = f"blk.{layer}."
        # Half of the layers keep more of the values and of the way down, as llama.cpp mixes it.
        more = layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2
        rich = Kind.Q6_K if more else Kind.Q4_K
        beside = width // heads * stored
        ones(block + "attn_norm.weight")
        put(block + "attn_q.weight", width, width, Kind.Q4_K)
        put(block + "attn_k.weight", beside, width, Kind.Q4_K)
        put(block + "attn_v.weight", beside, width, rich)
        put(block + "attn_output.weight", width, width, Kind.Q4_K)
        ones(block + "ffn_norm.weight")
        put(block + "ffn_gate.weight", wide, width, Kind.Q4_K)
        put(block + "ffn_up.weight", wide, width, Kind.Q4_K)
        put(block + "ffn_down.weight", width, wide, rich)
    ones("output_norm.weight")
    put("output.weight", shape["vocab_size"], width, Kind.Q6_K)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _blocks(rng, rows, columns, kind):
    """Bytes of (rows, bytes of a row): random ones, with scales that keep the numbers small."""
    size, length = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (rows, columns // size, length), dtype=np.uint8)
    small = np.frombuffer(np.float16(0.0005).tobytes(), np.uint8)
    if kind == Kind.Q4_K:
        # Two numbers in 16 bits lead each block: of its scales, and of its minima.
        blocks[..., 0:2] = small
        blocks[..., 2:4] = small
    else:
        # The scale of a block in Q6_K stands last.
        blocks[..., -2:] = small
    return blocks.reshape(rows, -1)
