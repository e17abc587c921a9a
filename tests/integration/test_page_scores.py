"""The scores of `bench pages` on strings made by hand, and the table that it prints."""

import json
import shutil
import sys

import pytest

from tests.bench.pages.page_set import RealPage, load
from tests.bench.pages.readers import readers, take
from tests.bench.pages.scores import PageScore, follows, plain, score, words
from tests.bench.pages.table import Result, table

COLUMNS = (
    "The harbour master keeps a log of every ship that enters after dark and of each that leaves. ",
    "Nobody has asked for the log since the lighthouse was closed nine years ago in the winter.",
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Don’t”", '"Don\'t"'),
        ("''Quoted''", '"Quoted"'),
        ("1939–1945 — a soft\u00adware", "1939-1945 - a soft-ware"),
        ("the imple-\n  mented plan", "the implemented plan"),
        ("• one\n- two\n* three", "one two three"),
        ("Chapter 1 . . . . . . 7", "Chapter 1 7"),
        ("Name ________ Date", "Name Date"),
        ("ofﬁce\fⅣ", "office IV"),
        ("汉 字 and letters", "汉字 and letters"),
    ],
)
def test_signs_that_no_one_would_call_misread_are_alike(one, other):
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("well-\nKnown", "wellKnown"), ("a-b", "ab"), ("Case", "case"), ("two words", "twowords")],
)
def test_what_was_misread_is_not(one, other):
    assert plain(one) != plain(other)


def test_words_are_parted_from_their_signs():
    assert words("(see p. 12, 4.5% at 10:30) it's 汉字!") == [
        *("see", "p", "12", "4.5%", "at", "10:30", "it's"),
        *("汉", "字"),
    ]


def test_errors_are_counted_over_the_truth():
    assert score("1234567890", "l234567890").cer == pytest.approx(0.1)
    assert score("abc", "").cer == 1
    assert score("abc", "abc and much more").cer == pytest.approx(14 / 3)
    assert score("", "").cer == 0


def test_words_are_compared_without_their_order():
    assert score("one two two three", "three two two one").f1 == 1
    assert score("one two two three", "one two four").f1 == pytest.approx(2 * 2 / 7)
    assert score("", "").f1 == 1


def test_pieces_follow_one_another_or_not():
    whole = plain("".join(COLUMNS))
    assert follows(whole, whole) == 1
    # Seven pieces make six pairs, of which turning the halves round costs the one between them
    # and the two around a piece that is torn.
    swapped = plain(COLUMNS[1] + " " + COLUMNS[0])
    assert follows(whole, swapped) == pytest.approx(4 / 6)
    assert follows(whole, "") == 0


def test_a_piece_with_few_errors_is_found_and_one_that_stands_twice_left_out():
    truth = "the quick brown fox jumped over the lazy dog again while others only watched it go"
    assert follows(truth, truth.replace("brown", "brovvn").replace("lazy", "1azy")) == 1
    # Before its first words stand a few too many for them to follow.
    apart = truth.replace("over", f"{'noise ' * 6}over")
    assert follows(truth, apart) == pytest.approx(0.5)
    twice = "the very same piece again " * 3
    assert follows(twice.strip(), twice) is None


def test_a_script_without_spaces_has_pieces_too():
    text = "".join(chr(0x4E00 + 7 * index) for index in range(60))
    assert follows(text, text) == 1
    assert follows(text, text[30:] + text[:30]) < 1


def test_of_an_excerpt_only_its_order_counts():
    truth = plain("".join(COLUMNS))
    assert score(truth, f"Before. {truth} After.", excerpt=True) == PageScore(None, None, 1)


def test_the_table_has_each_page_and_the_means():
    good, bad = PageScore(0.0, 1.0, 1.0), PageScore(3.0, 0.5, None)
    rows = {
        "a": {"Ocellus": Result(good, 2.0), "Tesseract": Result(bad, 30.0)},
        "b": {"Ocellus": Result(bad, 4.0)},
    }
    lines = table(rows, ["Ocellus", "Tesseract"]).splitlines()
    assert lines[2] == "| a | 0.000 | 3.000 | 1.000 | 0.500 | 1.000 | – | 2.0 | 30.0 |"
    assert lines[3] == "| b | 3.000 | – | 0.500 | – | – | – | 4.0 | – |"
    # Nonsense three times as long as the truth is no worse than nothing at all.
    assert lines[4] == "| **mean of 2** | 0.500 | 1.000 | 0.750 | 0.500 | 1.000 | – | 3.0 | 30.0 |"


def test_a_set_is_read_from_its_folder(tmp_path):
    (tmp_path / "a.txt").write_text("truth", "utf-8")
    entry = {"id": "a", "file": "a.pdf", "truth": "a.txt", "drop": "QR.*?END"}
    (tmp_path / "manifest.json").write_text(json.dumps([entry]), "utf-8")
    (page,) = load(tmp_path)
    assert (page.truth, page.is_pdf, page.language) == ("truth", True, "eng")
    assert page.without_dropped("a QR code END b") == "a  b"
    (tmp_path / "a.txt").unlink()
    with pytest.raises(ValueError, match=r"is no set of pages.*a\.txt"):
        load(tmp_path)


def test_a_reader_is_a_command_whose_seconds_and_failure_are_told():
    code = (
        "import sys, time; print('text'); [0 for _ in iter(lambda: time.process_time() > 0.3, 1)]"
    )
    taken = take([sys.executable, "-c", code])
    assert (taken.text, taken.failure) == ("text\n", "")
    assert 0.25 < taken.seconds < 30
    failed = take([sys.executable, "-c", "print('half'); raise SystemExit('No such page.')"])
    assert (failed.text, failed.failure) == ("half\n", "No such page.")


@pytest.mark.skipif(not shutil.which("tesseract"), reason="the peer is not installed")
def test_peers_read_pictures_in_the_languages_that_they_have(tmp_path):
    pdf = RealPage("a", "", tmp_path / "a.pdf", "")
    english = RealPage("b", "", tmp_path / "b.png", "", "eng")
    other = RealPage("c", "", tmp_path / "c.png", "", "xxx+eng+yyy")
    ours, tesseract = readers(["ocellus", "Tesseract"]).values()
    assert ours(pdf)[-2:] == ["read", str(pdf.file)]
    assert tesseract(pdf) is None
    assert tesseract(english)[-2:] == tesseract(other)[-2:] == ["-l", "eng"]
    with pytest.raises(RuntimeError, match="No reader is called nobody; there are Ocellus"):
        readers(["nobody"])
