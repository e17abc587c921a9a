"""The prompts that the authors' own code renders, by format."""

from app.core.conversation import Picture, Role, Turn
from app.core.model import PromptFormat

PICTURE = Picture("a" * 64, 100, 50)
QUESTION = Turn(Role.PERSON, "What is it?", (PICTURE,))
TWO_TURNS = (QUESTION, Turn(Role.MODEL, "A cat."), Turn(Role.PERSON, "Which colour?"))

VICUNA_SYSTEM = (
    "A chat between a curious human and an artificial intelligence assistant. The assistant gives "
    "helpful, detailed, and polite answers to the human's questions. "
)

LLAMA_3_SYSTEM = (
    "<|start_header_id|>system<|end_header_id|>\n\nYou are a helpful language and vision "
    "assistant. You are able to understand the visual content that the user provides, and assist "
    "the user with a variety of tasks using natural language.<|eot_id|>"
)

QWEN_SYSTEM = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"

# What the authors' own code renders for one question and for a follow-up.
PUBLISHED = {
    PromptFormat.MISTRAL: (
        "<s>[INST] <image>\nWhat is it? [/INST]",
        "<s>[INST] <image>\nWhat is it? [/INST] A cat. </s>[INST] Which colour? [/INST]",
    ),
    # Mistral's; what is ours is where the reference text stands.
    PromptFormat.BUILTIN: (
        "<s>[INST] <image>\nWhat is it? [/INST]",
        "<s>[INST] <image>\nWhat is it? [/INST] A cat. </s>[INST] Which colour? [/INST]",
    ),
    PromptFormat.VICUNA: (
        f"<s>{VICUNA_SYSTEM}USER: <image>\nWhat is it? ASSISTANT:",
        (
            f"<s>{VICUNA_SYSTEM}USER: <image>\nWhat is it? ASSISTANT: A cat.</s>"
            "USER: Which colour? ASSISTANT:"
        ),
    ),
    PromptFormat.LLAVA_15: (
        "<s>USER: <image>\nWhat is it? ASSISTANT:",
        "<s>USER: <image>\nWhat is it? ASSISTANT: A cat.</s>USER: Which colour? ASSISTANT:",
    ),
    PromptFormat.CHATML_DIRECT: (
        (
            "<|im_start|>system\nAnswer the questions.<|im_end|>"
            "<|im_start|>user\n<image>\nWhat is it?<|im_end|><|im_start|>assistant\n"
        ),
        (
            "<|im_start|>system\nAnswer the questions.<|im_end|>"
            "<|im_start|>user\n<image>\nWhat is it?<|im_end|>"
            "<|im_start|>assistant\nA cat.<|im_end|>"
            "<|im_start|>user\nWhich colour?<|im_end|><|im_start|>assistant\n"
        ),
    ),
    PromptFormat.LLAMA_3: (
        (
            f"<s>{LLAMA_3_SYSTEM}<|start_header_id|>user<|end_header_id|>\n\n"
            "<image>\nWhat is it?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
        ),
        (
            f"<s>{LLAMA_3_SYSTEM}<|start_header_id|>user<|end_header_id|>\n\n"
            "<image>\nWhat is it?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
            "A cat.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhich colour?<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n"
        ),
    ),
    PromptFormat.CHATML: (
        f"{QWEN_SYSTEM}<|im_start|>user\n<image>\nWhat is it?<|im_end|>\n<|im_start|>assistant\n",
        (
            f"{QWEN_SYSTEM}<|im_start|>user\n<image>\nWhat is it?<|im_end|>\n"
            "<|im_start|>assistant\nA cat.<|im_end|>\n"
            "<|im_start|>user\nWhich colour?<|im_end|>\n<|im_start|>assistant\n"
        ),
    ),
}
