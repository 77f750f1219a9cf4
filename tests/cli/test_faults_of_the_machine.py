"""Real processes on a machine that lets them down: interrupted, full disk, nowhere to write."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

AIDLINE = [sys.executable, "-c", "from aidline.cli.main import main; main()"]


def started(*arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start `aidline` as a process of its own."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [*AIDLINE, *map(str, arguments)], text=True, start_new_session=True, **{**pipes, **options}
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for the end and give code, stdout and stderr."""
    out, err = process.communicate(timeout=300)
    assert "Traceback" not in err
    return process.returncode, out or "", err


def no_room(size: int) -> dict[str, object]:
    """Options of a process that cannot write files of more than so many bytes."""
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_plan_is_written(aidline, tmp_path: Path, number: signal.Signals):
    """After the first plan a signal ends the search: that plan is written, code 3."""
    situation, target = tmp_path / "situation", tmp_path / "plan"
    sizes = ("--areas", 60, "--days", 10, "--items", 6, "--seed", 1)
    assert aidline("generate", *sizes, "-o", situation).code == 0
    process = started("plan", situation, "-o", target, "--method", "auction", "--gap", 0)
    assert process.stderr is not None
    said = ""
    while "value" not in said:
        said = process.stderr.readline()
        assert said, "ended before the first plan"
    process.send_signal(number)
    code, out, err = ended(process)
    assert code == 3, err
    assert "the best plan so far will be written" in err
    assert out.strip()
    assert aidline("verify", situation, target).code == 0


def test_a_signal_with_nothing_to_keep_is_one_line(folder: Path, tmp_path: Path):
    """Input that is still being read: stopped, nothing written, code 1."""
    waits = tmp_path / "scenario.toml"
    os.mkfifo(waits)
    process = started("plan", folder, "-o", tmp_path / "plan", "--scenario", waits)
    with waits.open("w"):  # returns once the other end is being read
        process.send_signal(signal.SIGTERM)
        code, out, err = ended(process)
    assert code == 1
    assert err.strip() == "stopped; nothing was written"
    assert out == ""
    assert not (tmp_path / "plan").exists()


def test_a_full_disk_is_said_and_leaves_no_half_plan(aidline, folder: Path, tmp_path: Path):
    """The plan before stays whole, the summary is shown, one line says why; code 1."""
    target = tmp_path / "plan"
    assert aidline("plan", folder, "-o", target).code == 0
    before = {p: p.read_bytes() for p in sorted(target.rglob("*")) if p.is_file()}
    options = {"cwd": tmp_path, **no_room(200)}
    code, out, err = ended(started("plan", folder, "-o", target, "--json", **options))
    assert code == 1, err
    assert f"error: {target}: File too large" in err
    assert "could not be written anywhere" in err
    assert json.loads(out)["plan"] is None
    assert {p: p.read_bytes() for p in sorted(target.rglob("*")) if p.is_file()} == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan", "situation"]


def test_a_plan_that_cannot_stand_where_it_should_is_put_elsewhere(
    aidline, folder: Path, tmp_path: Path
):
    """A folder in the place of a table: the plan goes into a new folder, which is named."""
    target, here = tmp_path / "plan", tmp_path / "here"
    (target / "trips.csv").mkdir(parents=True)
    here.mkdir()
    code, out, err = ended(started("plan", folder, "-o", target, "--json", cwd=here))
    assert code == 1, err
    other = json.loads(out)["plan"]
    assert f"wrote {other} instead" in err
    assert str(here) in other
    assert aidline("verify", folder, other).code == 0


def test_nothing_is_computed_for_a_place_that_cannot_be_written(folder: Path, tmp_path: Path):
    """A file in the way is found before the search begins."""
    (tmp_path / "file").write_text("")
    target = tmp_path / "file" / "plan"
    code, out, err = ended(started("plan", folder, "-o", target))
    assert code == 1
    assert err.count("\n") == 1
    assert str(tmp_path / "file") in err
    assert out == ""


@pytest.mark.parametrize("name", ["report.html", "plan.xlsx", "brief.pdf", "plan.gpkg", "tables"])
def test_a_full_disk_keeps_the_report_before(aidline, folder: Path, tmp_path: Path, name: str):
    """A report that does not fit never replaces or leaves half of one."""
    plan, target = tmp_path / "plan", tmp_path / "out" / name
    assert aidline("plan", folder, "-o", plan).code == 0
    target.parent.mkdir()
    code, _, err = ended(started("report", plan, "-o", target, **no_room(300)))
    assert code == 1
    assert f"error: {target}: " in err
    assert err.count("\n") == 1
    assert list(target.parent.iterdir()) == []


def test_a_full_or_closed_stdout_is_no_traceback(aidline, folder: Path, tmp_path: Path):
    """Results that cannot be shown: one line on a full disk, none when `head` has enough."""
    assert aidline("plan", folder, "-o", tmp_path / "plan").code == 0
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        code, _, err = ended(started("explain", tmp_path / "plan", "--json", stdout=full))
    assert code == 1
    assert err.strip() == "error: No space left on device"
    process = started("explain", tmp_path / "plan")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    code, _, err = ended(process)
    assert code == 1
    assert err == ""
