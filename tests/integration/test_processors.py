"""`run.py test --processors`: which processors it tries, and what it says of each."""

from pathlib import Path

import pytest

from provision import processors
from provision.environment import Environment
from provision.processors import ROWS, Found, Row

ROOT = Path(__file__).resolve().parents[2]
NEWEST, DESKTOP = Found("AVX512", packed=True), Found("AVX2", packed=False)


def test_each_setting_is_tried_and_each_processor_is_one_that_exists():
    def tried(variable):
        return {row.settings[variable] for row in ROWS if variable in row.settings}

    assert tried("ATEN_CPU_CAPABILITY") == {"default", "avx2", "avx512"}
    assert tried("ONEDNN_MAX_CPU_ISA") == {"SSE41", "AVX2", "AVX512_CORE", "AVX512_CORE_BF16"}
    assert tried("MKL_ENABLE_INSTRUCTIONS") == {"SSE4_2", "AVX2", "AVX512"}
    assert {row.threads for row in ROWS} == {1, 2}
    assert {row.packed for row in ROWS} == {True, False}
    assert {row.head for row in ROWS} == {"by size", "always", "never"}
    # No processor has bfloat16 and no AVX-512.
    assert not [row.name for row in ROWS if row.level in ("DEFAULT", "AVX2") and row.packed]


def test_what_a_processor_lacks_is_known():
    assert not [row.name for row in ROWS if row.missing(NEWEST)]
    lacking = {row.name: row.missing(DESKTOP) for row in ROWS if row.missing(DESKTOP)}
    assert len(lacking) == 3
    assert all("AVX512" in words for words in lacking.values())
    middle = Found("AVX512", packed=False)
    assert {row.missing(middle) for row in ROWS} == {"", "AVX-512 with bfloat16"}


@pytest.mark.timeout(300)
def test_rows_are_run_and_none_is_left_out_in_silence(monkeypatch, capfd):
    """The real tests in the real environment, one file of them; and a row that cannot be."""
    real = next(row for row in ROWS if row.level == "DEFAULT")
    pretended = Row("pretended", "AVX2", real.settings, packed=False)
    monkeypatch.setattr(processors, "ROWS", (real, pretended, Row("beyond", head="always")))
    ask = processors.found_under

    def without_packed(*words):
        return Found(ask(*words).level, packed=False)

    monkeypatch.setattr(processors, "found_under", without_packed)
    words = ("-n", "0", "-k", "only_what_is_wide")
    assert processors.run(Environment(ROOT), words, ["-p", "no:cacheprovider"]) == 1
    *_, one, two, three = capfd.readouterr().err.splitlines()
    assert one.startswith(f"{real.name}  1 passed")
    assert two.startswith("pretended")
    assert "could not be emulated" in two
    assert three.startswith("beyond")
    assert "not here: this processor lacks AVX-512 with bfloat16" in three
