"""`aidline check`, and how every command fails: one clear line, the right code, no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aidline.cli import check as check_module
from aidline.cli.main import VERBS

if TYPE_CHECKING:
    from pathlib import Path


def test_a_clean_folder_is_accepted(aidline, folder: Path):
    """Warnings alone give exit code 0, and all rows are counted."""
    done = aidline("check", folder)
    assert done.code == 0, done.out
    assert "0 error(s)" in done.out
    assert "13 rows in: 13 accepted, 0 rejected" in done.out
    assert done.err == ""


def test_every_error_is_named_with_its_place(aidline, folder: Path):
    """File, row, column, what was found, what is expected, and exit code 1."""
    (folder / "needs.csv").write_text("area_id,item_id,quantity\nA9,ration,lots\nA1,ration,5\n")
    done = aidline("check", folder)
    assert done.code == 1
    assert "error: needs.csv, row 2, column quantity: found 'lots'" in done.out
    assert "error: needs.csv, row 2, column area_id: found 'A9'" in done.out


def test_json_holds_the_same_problems(aidline, folder: Path):
    """--json prints nothing but JSON, with the count of rows."""
    (folder / "needs.csv").write_text("area_id,item_id,quantity\nA1,ration,lots\n")
    done = aidline("check", folder, "--json")
    result = json.loads(done.out)
    assert done.code == 1
    assert result["errors"] == 1
    assert result["problems"][0]["column"] == "quantity"
    assert result["rows"]["needs"] == {"in": 1, "accepted": 0, "rejected": 1}


def test_corrected_sheets_are_written_back(aidline, folder: Path, tmp_path: Path):
    """The workbook holds the user's rows with what is wrong beside them."""
    import openpyxl

    (folder / "needs.csv").write_text("area_id,item_id,quantity\nA1,ration,lots\n")
    out = tmp_path / "back.xlsx"
    assert aidline("check", folder, "--corrected", out).code == 1
    book = openpyxl.load_workbook(out)
    cells = [str(c.value) for row in book["needs"].iter_rows() for c in row]
    assert "lots" in cells
    assert any("number" in text for text in cells)


def test_wrong_usage_is_code_2(aidline, tmp_path: Path):
    """A missing option, an unknown verb and a missing path are wrong usage."""
    for arguments in (("plan", tmp_path), ("fly",), ("check", tmp_path / "nothing")):
        done = aidline(*arguments)
        assert done.code == 2
        assert done.err
        assert done.out == ""


def test_a_folder_without_a_plan_is_one_clear_line(aidline, tmp_path: Path):
    """No traceback; --json gives the error as JSON too."""
    done = aidline("explain", tmp_path, "--json")
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "record.json" in done.err
    assert json.loads(done.out)["error"]["kind"] == "FormatError"


def test_an_unwritable_output_is_one_clear_line(aidline, tmp_path: Path):
    """A file in the way of the output folder is said so."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    done = aidline("generate", "--areas", 4, "--days", 1, "-o", blocked / "inside")
    assert done.code == 1
    assert "Traceback" not in done.err
    assert str(blocked) in done.err


@pytest.mark.parametrize(
    ("fault", "words"),
    [(RuntimeError("odd"), "AIDLINE_DEBUG=1"), (MemoryError(), "not enough memory")],
)
def test_a_fault_of_ours_is_no_traceback(aidline, folder, monkeypatch, fault, words):
    """Whatever breaks inside, the user reads one line and what to do."""

    def broken(_read: object) -> None:
        raise fault

    monkeypatch.setattr(check_module, "_print", broken)
    monkeypatch.delenv("AIDLINE_DEBUG", raising=False)
    done = aidline("check", folder)
    assert done.code == 1
    assert words in done.err
    assert done.err.count("\n") == 1


def test_every_verb_explains_itself(aidline):
    """Each verb and each option has a help text, and every verb has --json."""
    for verb in VERBS:
        assert verb.help, verb.name
        options = {name for p in verb.params for name in p.opts}
        assert "--json" in options, verb.name
        assert aidline(verb.name, "--help").code == 0


def test_help_does_not_load_the_solver():
    """The command line answers at once: no solver, no compiler, no tables are imported."""
    code = (
        "import sys; from aidline.cli.main import run; run(['--help']); "
        "print([m for m in ('highspy', 'numba', 'polars', 'typst') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
