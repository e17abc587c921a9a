"""`read` as a person starts it: real processes, real files, and kills on the way."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
from papers import Paper, drawn, picture, table, text

ROOT = Path(__file__).resolve().parents[2]
JOURNAL = ".ocellus-read.jsonl"


def start(*arguments, temporary):
    """A `read` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "app", "read", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


@pytest.fixture
def read(tmp_path):
    """Run `read` to its end; its exit code, stdout and stderr."""
    (tmp_path / "temporary").mkdir()

    def run(*arguments):
        with start(*arguments, temporary=tmp_path / "temporary") as process:
            out, err = process.communicate(timeout=170)
        assert not list((tmp_path / "temporary").glob("ocellus-*"))
        assert "Traceback" not in err
        return process.returncode, out, err

    return run


def records(folder):
    lines = (folder / JOURNAL).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.skipif(sys.platform == "win32", reason="no process groups to kill")
@pytest.mark.timeout(600)
def test_a_folder_killed_three_times_finishes_with_each_file_read_once(read, tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    (source / "more").mkdir(parents=True)
    for number in range(15):
        lines = picture(f"Receipt {number}", size=(420, 140), height=32)
        lines.save(source / f"{number:02}.png")
        Paper().page(text(60, 700, f"Letter {number}")).save(source / "more" / f"{number:02}.pdf")
    for kill in (1, 2, 3):
        with start(source, "-o", out, temporary=tmp_path / "temporary") as process:
            for _ in range(6 * kill - len(records(out)) if (out / JOURNAL).exists() else 6):
                assert process.stdout.readline()
            time.sleep(0.02 * kill)  # In the middle of the next one.
            os.killpg(process.pid, signal.SIGKILL)
        done = records(out)
        assert 6 * kill <= len(done) < 30
        # What has a name is whole.
        for path in out.rglob("*.txt"):
            assert path.read_text("utf-8").startswith(("Receipt ", "Letter "))
    for left in (tmp_path / "temporary").iterdir():  # A killed process cannot tidy up.
        subprocess.run(["rm", "-r", str(left)], check=True)
    code, _, err = read(source, "-o", out)
    assert code == 0, err
    assert Counter(record["output"] for record in records(out)) == Counter(
        [f"{number:02}.txt" for number in range(15)]
        + [f"more/{number:02}.txt" for number in range(15)]
    )
    for number in range(15):
        assert (out / f"{number:02}.txt").read_text("utf-8") == f"Receipt {number}\n"
        assert (out / "more" / f"{number:02}.txt").read_text("utf-8") == f"Letter {number}\n"
    assert sorted(path.name for path in out.iterdir() if path.suffix != ".txt") == [
        JOURNAL,
        "more",
    ]
    # Once more, nothing is left to do; a source that changed is read again.
    Paper().page(text(60, 700, "Letter 100")).save(source / "more" / "03.pdf")
    code, told, err = read(source, "-o", out)
    assert (code, err) == (0, "1 read, 29 already done.\n")
    assert told.count("→") == 1
    assert (out / "more" / "03.txt").read_text("utf-8") == "Letter 100\n"


@pytest.mark.timeout(400)
def test_bad_files_foreign_results_and_wrong_usage(read, tmp_path):
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    out.mkdir()
    Paper().page(text(60, 700, "Good letter")).page(text(60, 700, "Its end")).save(
        source / "good.pdf"
    )
    Paper().page(text(60, 700, "Secret")).lock(source / "locked.pdf", "geheim")
    (source / "broken.pdf").write_bytes(b"%PDF-1.7\nno more than this")
    (source / "empty.png").touch()
    (source / "notes.txt").write_text("not asked for")
    picture("Twin", size=(300, 120)).save(source / "good.png")
    (out / "broken.txt").write_text("mine")
    (out / "locked.txt").write_text("mine")

    code, told, err = read(source, "-o", out, "--jobs", "2")
    assert code == 1
    assert told.count("→") == 2  # Both that are good, each under its whole name.
    assert err.startswith("2 read, 3 not read.\n")
    for words in (
        "broken.txt is there already and was not written by this command",
        "locked.txt is there already",
        "empty.png is empty (0 bytes).",
    ):
        assert words in err
    assert (out / "good.pdf.txt").read_text("utf-8") == "Good letter\n\fIts end\n"
    assert (out / "good.png.txt").read_text("utf-8") == "Twin\n"
    assert (out / "broken.txt").read_text("utf-8") == "mine"

    code, told, err = read(source, "-o", out, "--force", "--password", "geheim")
    assert code == 1
    assert told.splitlines() == [f"{source / 'locked.pdf'} → {out / 'locked.txt'}"]
    assert "broken.pdf is a damaged PDF" in err
    assert (out / "broken.txt").read_text("utf-8") == "mine"  # Nothing came to replace it.

    # One result by its own name, and a source that must never be replaced.
    one = tmp_path / "one.json"
    assert read(source / "good.pdf", "-o", one, "--format", "json", "--pages", "2-9")[0] == 0
    (page,) = json.loads(one.read_bytes())["pages"]
    assert page["number"] == 2
    assert page["blocks"][0]["lines"][0]["words"][1]["text"] == "end"
    code, _, err = read(source / "good.pdf", "-o", one)
    assert (code, "is there already" in err) == (1, True)
    code, _, err = read(source / "good.pdf", "-o", source / "good.pdf", "--force")
    assert (code, "would take the place of" in err) == (1, True)

    for arguments, words in (
        (["x.png", "--format", "doc"], "There is no format doc; there are text"),
        (["x.png", "--pages", "5-2"], "--pages 5-2 is not a list of pages"),
        (["x.png", "--lang", "de,ru"], "Russian needs a language pack that is not on this disk"),
        (["x.png", "--jobs", "2"], "add -o FOLDER"),
        (["x.png", "y.png", "--format", "pdf"], "needs a place for 2 results: add -o FOLDER"),
    ):
        code, told, err = read(*arguments)
        assert (code, told) == (2, "")
        assert words in err


@pytest.mark.timeout(300)
def test_text_goes_to_stdout_page_by_page(read, tmp_path):
    sample = ROOT / "resources" / "samples" / "receipt.png"
    code, out, err = read(sample)
    assert (code, err) == (0, "")
    assert out.split("\n")[0] == "HARBOUR GROCERY"
    assert "14 Quay Street, Port Elm\n" in out
    picture(size=(200, 100)).save(tmp_path / "white.png")
    Paper().page(text(60, 700, "One")).page(
        text(60, 700, "Two") + drawn(0, 60, 300, 400, 280), [picture("Three")]
    ).save(tmp_path / "paper.pdf")
    paths = [tmp_path / name for name in ("white.png", "gone.png", "paper.pdf")]
    code, out, err = read(*paths, "--lang", "en+de")
    assert code == 1
    head = f"== {paths[0]}\n\n== {paths[1]}\n\n== {paths[2]}\n"
    assert out in (f"{head}One\n\fTwo\nThree\n", f"{head}One\n\fTwo\n\nThree\n")
    assert f"No text found in {paths[0]}." in err
    assert "gone.png is not there." in err


@pytest.mark.timeout(600)
def test_every_form_is_written_resumed_and_complete(read, tmp_path):
    rows = (("Item", "Amount"), ("Nails", "200"), ("Rope", "12"))
    scan = picture("Scanned letter 88", size=(1000, 700))
    # A scan takes seconds to read, and is another thing to a few forms alone.
    with_scan, without = tmp_path / "with a scan", tmp_path / "without"
    for source in (with_scan, without):
        source.mkdir()
        order = Paper().page(text(60, 760, "What was ordered") + table(rows))
        if source is with_scan:
            order.page(drawn(0, 50, 300, 490, 343), [scan])
        else:
            order.page(text(60, 700, "Letter 88"))
        order.save(source / "order.pdf")
        Paper().page(text(60, 700, "No table here")).save(source / "plain.pdf")
    found = {}
    for form, ending in (
        ("md", ".md"),
        ("html", ".html"),
        ("csv", ".csv"),
        ("json", ".json"),
        ("hocr", ".hocr"),
        ("pdf", ".pdf"),
    ):
        source = with_scan if form in {"hocr", "pdf"} else without
        out = tmp_path / form
        expected = 1 if form == "csv" else 0
        code, told, err = read(source, "-o", out, "--format", form)
        assert code == expected, err
        assert told.count("→") == 2 - expected
        # Another name of the same form is no other run.
        again = {"md": "markdown"}.get(form, form)
        code, told, err = read(source, "-o", out, "--format", again)
        assert (code, told) == (expected, ""), err
        assert err.startswith("0 read, 2 already done.\n")
        assert ("plain.pdf: No table was found" in err) == (form == "csv")
        found[form] = (out / f"order{ending}").read_bytes()
        assert sorted(path.name for path in out.iterdir()) == sorted(
            {JOURNAL, f"order{ending}", f"plain{ending}"}
            - ({f"plain{ending}"} if expected else set())
        )
    assert "| Nails | 200 |" in found["md"].decode()
    assert found["csv"].decode("utf-8-sig") == "Item,Amount\r\nNails,200\r\nRope,12\r\n"
    assert b"<td>Nails</td>" in found["html"]
    assert [page["number"] for page in json.loads(found["json"])["pages"]] == [1, 2]
    assert found["hocr"].count(b"ocr_page") >= 2
    with pypdfium2.PdfDocument(found["pdf"]) as document:
        assert len(document) == 2
        for number, words in enumerate(("Nails", "Scanned letter 88")):
            textpage = document[number].get_textpage()
            assert words in textpage.get_text_range()
            textpage.close()

    # A page that cannot be drawn keeps its place in a PDF, and the exit code tells of it.
    paper = Paper().page(text(60, 700, "Before it"))
    paper.page(drawn(0, 0, 0, 500, 500), [scan]).page(text(60, 700, "After it"))
    huge = paper.pdf.pages[1].Resources.XObject["/P0"]
    huge.Width, huge.Height = 20_000, 20_000
    one = tmp_path / "one.pdf"
    code, _, err = read(paper.save(tmp_path / "hole.pdf"), "-o", one, "--format", "pdf")
    with pypdfium2.PdfDocument(one) as document:
        assert len(document) == 3
        textpage = document[2].get_textpage()
        assert "After it" in textpage.get_text_range()
        textpage.close()
        assert document[1].get_size()[0] > 500
    assert code == 1
    assert "Page 2 of hole.pdf holds a picture of 20000 × 20000 pixels" in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes in folders")
def test_a_picture_that_was_cut_off_is_read_and_told_of(read, tmp_path):
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "cut.jpg"
    picture("Upper half", "Lower half", size=(500, 300), height=40).save(path, quality=90)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    code, told, err = read(path)
    assert code == 0, err
    assert told.startswith("Upper half\n")
    assert err.startswith("cut.jpg was cut off: the end of the file is missing")
    # One of another kind, as it would come from a browser.
    picture("Whole", size=(300, 120)).save(tmp_path / "in" / "web.avif")
    code, told, err = read(path.parent, "-o", tmp_path / "out")
    assert (code, told.count("→")) == (0, 2), err
    assert err.startswith(f"2 read.\n{path}: cut.jpg was cut off: ")
    assert (tmp_path / "out" / "web.txt").read_text("utf-8") == "Whole\n"


def test_pages_are_drawn_with_what_was_found_on_them(read, tmp_path):
    paper = Paper().page(text(60, 700, "Page one")).page(text(60, 700, "Page two"))
    paper.save(tmp_path / "two.pdf")
    drawings, out = tmp_path / "drawings", tmp_path / "out"
    code, told, err = read(tmp_path / "two.pdf", "--debug", drawings)
    assert (code, told) == (0, "Page one\n\fPage two\n"), err
    names = ["two.pdf.1.svg", "two.pdf.2.svg"]
    assert sorted(path.name for path in drawings.iterdir()) == names
    root = ET.parse(drawings / names[1]).getroot()  # noqa: S314 - written above
    titles = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert any(title.startswith("two (") for title in titles)
    # What an earlier run has read is drawn all the same.
    assert read(tmp_path / "two.pdf", "-o", f"{out}/")[0] == 0
    (drawings / names[0]).unlink()
    code, told, err = read(tmp_path / "two.pdf", "-o", f"{out}/", "--debug", drawings)
    assert (code, (drawings / names[0]).is_file()) == (0, True), err
    code, _, err = read(tmp_path / "two.pdf", "--debug", tmp_path / "two.pdf")
    assert (code, "two.pdf was not written.\nChoose another folder" in err) == (1, True)


def test_force_replaces_no_device(read, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    picture("Hello", size=(420, 140), height=32).save(tmp_path / "in.png")
    code, _, err = read(tmp_path / "in.png", "-o", pipe, "--force")
    assert code == 1
    assert "is there already" in err
    assert pipe.is_fifo()
