"""The prompts of each family against the published ones."""

import pytest
from published_prompts import PICTURE, PUBLISHED, QUESTION, TWO_TURNS

from app.core.conversation import Role, Turn
from app.core.model import PromptFormat
from app.core.prompts import (
    BOS,
    EOS,
    REFERENCE_HEADING,
    TEMPLATES,
    Generated,
    PictureSlot,
    Plain,
    Special,
    render,
)


def rendered(prompt_format, turns, generated=()):
    literals = {BOS: "<s>", EOS: "</s>"}
    text = ""
    for piece in render(prompt_format, turns, generated):
        match piece:
            case Special(token):
                text += literals.get(token, token)
            case Plain(words):
                text += words
            case PictureSlot():
                text += "<image>"
            case Generated(turn):
                text += f"{{{turn}}}"
    return text


@pytest.mark.parametrize("prompt_format", PromptFormat)
def test_prompts_are_the_published_ones(prompt_format):
    one, two = PUBLISHED[prompt_format]
    assert rendered(prompt_format, (QUESTION,)) == one
    assert rendered(prompt_format, TWO_TURNS) == two


@pytest.mark.parametrize("prompt_format", PromptFormat)
def test_kept_ids_stand_where_they_were_generated(prompt_format):
    one, _ = PUBLISHED[prompt_format]
    kept = rendered(prompt_format, TWO_TURNS, {1})
    assert kept.startswith(one + "{1}")
    end = TEMPLATES[prompt_format].end.token
    assert kept.removeprefix(one + "{1}").startswith({EOS: "</s>"}.get(end, end))


def test_reference_rows_follow_the_question_in_llavas_form():
    turn = Turn(Role.PERSON, "What is the total?", (PICTURE,), ("Total  12.50", "Thanks"))
    assert rendered(PromptFormat.MISTRAL, (turn,)) == (
        f"<s>[INST] <image>\nWhat is the total?\n{REFERENCE_HEADING} Total  12.50\nThanks [/INST]"
    )


@pytest.mark.parametrize("prompt_format", PromptFormat)
def test_pictures_of_several_turns_stand_where_the_published_ones_do(prompt_format):
    first = Turn(Role.PERSON, "What is it?", (PICTURE, PICTURE))
    second = Turn(Role.PERSON, "Which colour?", (PICTURE,))
    turns = (first, Turn(Role.MODEL, "A cat."), second)
    _, two = PUBLISHED[prompt_format]
    expected = two.replace("<image>\n", "<image>\n<image>\n")
    assert rendered(prompt_format, turns) == expected.replace("Which", "<image>\nWhich")
    slots = [piece for piece in render(prompt_format, turns) if isinstance(piece, PictureSlot)]
    assert slots == [PictureSlot(0), PictureSlot(1), PictureSlot(2)]


def test_the_built_in_model_reads_before_it_is_asked():
    turn = Turn(Role.PERSON, "What is the total?", (PICTURE,), ("Total  12.50", "Thanks"))
    assert rendered(PromptFormat.BUILTIN, (turn,)) == (
        f"<s>[INST] <image>\n{REFERENCE_HEADING} Total  12.50\nThanks\n\nWhat is the total? [/INST]"
    )


def test_two_pictures_stand_before_their_question():
    turn = Turn(Role.PERSON, "Which?", (PICTURE, PICTURE))
    assert rendered(PromptFormat.LLAVA_15, (turn,)) == (
        "<s>USER: <image>\n<image>\nWhich? ASSISTANT:"
    )
