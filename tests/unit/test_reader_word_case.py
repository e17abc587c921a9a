"""The case and the accents of English words' letters, and what they are left on."""

import pytest

from app.reader.ocr.letters.accents import without_false_accents
from app.reader.ocr.letters.word_case import with_word_case
from app.reader.ocr.recognition import RecognisedLine
from app.reader.ocr.words import Character, WordSpan


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("AUTHENTIcATED by", "AUTHENTICATED by"),
        ("a sONG, a sOCIETY", "a SONG, a SOCIETY"),
        ("(RalPh and I)", "(Ralph and I)"),
    ],
)
def test_one_letter_of_an_english_word_is_no_larger_or_smaller_than_the_rest(read, meant):
    characters = [Character(letter, 8.0 * place, 1.0) for place, letter in enumerate(read)]
    assert "".join(one.text for one in with_word_case(characters)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "iPhone eBay McDonald McDONALD MacKenzie pH GmbH YouTube PayPal PowerPoint LaTeX kWh",
        "the DVDs and FAQs of RNNs on macOS, iOS and LinkedIn",
        "src/RalPh.py sONG_1 RalPh@example.org onClick subString sONG-2 x.sONG",
        "OpenOffice, DeVito, FitzSimmons, WordPress, BlackBerry",
    ],
)
def test_what_is_written_in_mixed_case_stays(text):
    characters = [Character(letter, 8.0 * place, 1.0) for place, letter in enumerate(text)]
    assert "".join(one.text for one in with_word_case(characters)) == text


def heard(*words):
    """What is said by words, each (text, what it is without doubtful accents)."""
    spans = tuple(WordSpan(text, 0, 1, 0.9, plain=plain) for text, plain in words)
    (answer,) = without_false_accents([RecognisedLine(spans, 0.9)])
    return answer.text


ENGLISH = [(word, word) for word in ("the", "clearing", "cheque", "balance", "forward")]


def test_accents_in_doubt_are_none_in_english_words():
    doubted = [("așsigned", "assigned"), ("LOCÃTE", "LOCATE"), ("01Auğ2018", "01Aug2018")]
    assert heard(*ENGLISH, *doubted).endswith("forward assigned LOCATE 01Aug2018")


def test_accents_that_may_be_meant_stay():
    names = [("Erdoğan", "Erdogan"), ("Škoda", "Skoda"), ("José", "José"), ("ağ", "ag")]
    assert heard(*ENGLISH, *names).endswith("Erdoğan Škoda José ağ")
    turkish = [("dağda", "dağda"), ("üstünde", "üstünde"), ("bir", "bir"), ("pağe", "page")]
    assert heard(*turkish).endswith("pağe")
