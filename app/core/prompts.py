"""The prompt of each family, as pieces in which a person's words stay words.

A prompt is not one string here. Structure (special tokens, role words) and
content (what was typed, read from a picture or generated) are told apart until
they become token ids, so that a picture that says "</s>[INST]" stays a picture
that says so. The reference for the formats is `llava/conversation.py` of
haotian-liu/LLaVA (`llava_v1`) and of LLaVA-VL/LLaVA-NeXT (`mistral_instruct`,
`chatml_direct`, `qwen_1_5`, `llava_llama_3`); LLaVA-1.5 alone goes without the
system text of `llava_v1`, as its converted checkpoints are published.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from app.core.conversation import Role, Turn
from app.core.model import PromptFormat

REFERENCE_HEADING = "Reference OCR token:"

# An answer that is cut off after less than this is no answer.
LEAST_NEW_TOKENS = 256

BOS = "bos"
EOS = "eos"
_CHATML = ("<|im_start|>", "<|im_end|>")


@dataclass(frozen=True, slots=True)
class Special:
    """One special token: BOS, EOS, or the literal of one that the tokenizer knows."""

    token: str


@dataclass(frozen=True, slots=True)
class Plain:
    """Text to tokenise with special tokens switched off."""

    text: str


@dataclass(frozen=True, slots=True)
class PictureSlot:
    """Where the image tokens of the picture with this index (over all turns) go."""

    index: int


@dataclass(frozen=True, slots=True)
class Generated:
    """Where the token ids that the model itself generated for this turn go."""

    turn: int


Piece = Special | Plain | PictureSlot | Generated


@dataclass(frozen=True, slots=True)
class Template:
    """What stands around the turns.

    `start` opens the prompt; a person's turn stands between `person` pieces, a
    model's between `model` pieces; `reply` opens the answer to come.
    `role_words` are those parts of the structure that are ordinary text. With
    `text_first` the reference text stands before the question.
    """

    start: tuple[Piece, ...]
    person: tuple[tuple[Piece, ...], tuple[Piece, ...]]
    model: tuple[tuple[Piece, ...], tuple[Piece, ...]]
    reply: tuple[Piece, ...]
    role_words: tuple[str, ...]
    text_first: bool = False

    @property
    def end(self) -> Special:
        """The token that ends a model's turn: where an answer stops."""
        return next(piece for piece in self.model[1] if isinstance(piece, Special))


_VICUNA_SYSTEM = (
    "A chat between a curious human and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the human's questions. "
)


_QWEN_SYSTEM = "You are a helpful assistant."

_LLAMA_3_SYSTEM = (
    "You are a helpful language and vision assistant. "
    "You are able to understand the visual content that the user provides, "
    "and assist the user with a variety of tasks using natural language."
)


def _two_roles(system: str) -> Template:
    return Template(
        start=(Special(BOS), Plain(system)) if system else (Special(BOS),),
        person=((Plain("USER: "),), (Plain(" "),)),
        model=((Plain("ASSISTANT: "),), (Special(EOS),)),
        reply=(Plain("ASSISTANT:"),),
        role_words=("USER:", "ASSISTANT:"),
    )


def _chatml(system: str, between: str) -> Template:
    start, end = _CHATML
    closing = (Special(end), Plain(between))
    return Template(
        start=(Special(start), Plain(f"system\n{system}"), *closing),
        person=((Special(start), Plain("user\n")), closing),
        model=((Special(start), Plain("assistant\n")), closing),
        reply=(Special(start), Plain("assistant\n")),
        role_words=_CHATML,
    )


def _llama_3_role(role: str) -> tuple[Piece, ...]:
    return (
        Special("<|start_header_id|>"),
        Plain(role),
        Special("<|end_header_id|>"),
        Plain("\n\n"),
    )


_MISTRAL = Template(
    start=(Special(BOS),),
    person=((Plain("[INST] "),), (Plain(" [/INST]"),)),
    model=((Plain(" "),), (Plain(" "), Special(EOS))),
    reply=(),
    role_words=("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"),
)


TEMPLATES: dict[PromptFormat, Template] = {
    PromptFormat.MISTRAL: _MISTRAL,
    # To look back from a question is one skill of a small decoder, to mark an answer
    # while reading another: ours is taught the first alone.
    PromptFormat.BUILTIN: replace(_MISTRAL, text_first=True),
    PromptFormat.VICUNA: _two_roles(_VICUNA_SYSTEM),
    PromptFormat.LLAVA_15: _two_roles(""),
    PromptFormat.CHATML_DIRECT: _chatml("Answer the questions.", ""),
    PromptFormat.CHATML: _chatml(_QWEN_SYSTEM, "\n"),
    PromptFormat.LLAMA_3: Template(
        start=(
            Special(BOS),
            *_llama_3_role("system"),
            Plain(_LLAMA_3_SYSTEM),
            Special("<|eot_id|>"),
        ),
        person=(_llama_3_role("user"), (Special("<|eot_id|>"),)),
        model=(_llama_3_role("assistant"), (Special("<|eot_id|>"),)),
        reply=_llama_3_role("assistant"),
        role_words=("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    ),
}


def render(
    prompt_format: PromptFormat, turns: Sequence[Turn], generated: Container[int] = ()
) -> tuple[Piece, ...]:
    """The whole prompt up to where the model's answer begins.

    `generated` names the model's turns whose own token ids are kept: these
    follow the opening of the reply exactly as they did when they came, and the
    end of the turn follows them. Other turns of the model go in as text.

    Neighbouring `Plain` pieces are joined, because tokenising halves apart
    gives other ids than tokenising the whole.
    """
    template = TEMPLATES[prompt_format]
    pieces: list[Piece] = list(template.start)
    picture = 0
    for index, turn in enumerate(turns):
        if turn.role is Role.MODEL and index in generated:
            closing = template.model[1]
            pieces.extend(template.reply)
            pieces.append(Generated(index))
            pieces.extend(closing[closing.index(template.end) :])
            continue
        before, after = template.person if turn.role is Role.PERSON else template.model
        pieces.extend(before)
        for _ in turn.pictures:
            pieces.extend((PictureSlot(picture), Plain("\n")))
            picture += 1
        pieces.append(
            Plain(defuse(content(turn, text_first=template.text_first), template.role_words))
        )
        pieces.extend(after)
    pieces.extend(template.reply)
    return tuple(_joined(pieces))


def content(turn: Turn, *, text_first: bool = False) -> str:
    """A turn's own words: the text, then the reference text in LLaVA's form, or before it.

    Rows of the reading stand on lines of their own; LLaVA's TextVQA prompt
    joined single words with ", ", which loses which value belongs to which label.
    """
    if not turn.reference:
        return turn.text
    reference = f"{REFERENCE_HEADING} " + "\n".join(turn.reference)
    return f"{reference}\n\n{turn.text}" if text_first else f"{turn.text}\n{reference}"


def defuse(text: str, role_words: Sequence[str]) -> str:
    """`text` with a space inside every role word, so that none is structure.

    Special tokens need no such care where the tokenizer splits them, but a
    role word such as "USER:" has the same ids whoever wrote it.
    """
    for word in role_words:
        text = re.sub(
            re.escape(word),
            lambda found: f"{found[0][:-1]} {found[0][-1]}",
            text,
            flags=re.IGNORECASE,
        )
    return text


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, Plain) and isinstance(last, Plain):
            joined[-1] = Plain(last.text + piece.text)
        elif not (isinstance(piece, Plain) and not piece.text):
            joined.append(piece)
    return joined
