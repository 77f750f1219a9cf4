"""Folders as people leave them: empty, with dead links, with folders within."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aidline.formats.read import read

if TYPE_CHECKING:
    from pathlib import Path

AREAS = "area_id,name,latitude,longitude\nA,One,12.1,-61.2\n"


def rules(path: Path, level: str) -> list[tuple[str, str]]:
    """File and rule of the problems of a level."""
    return read(path).problems.filter(level=level).select("file", "rule").rows()


def test_an_empty_folder_is_an_error(tmp_path):
    """It is the wrong folder; with a name in it, somebody has begun."""
    assert rules(tmp_path, "error") == [(tmp_path.name, "no-tables")]
    (tmp_path / "situation.toml").write_text('name = "X"\nstart_date = 2027-03-01\n')
    assert rules(tmp_path, "error") == []
    assert rules(tmp_path, "warning") == [(tmp_path.name, "no-tables")]


def test_a_file_that_holds_no_table_is_an_error(tmp_path):
    """Nothing was read, so nothing is right."""
    (tmp_path / "notes.txt").write_text("call the port\n")
    assert rules(tmp_path / "notes.txt", "error") == [("notes.txt", "no-tables")]


def test_a_link_to_nothing_and_one_to_itself_are_errors(tmp_path):
    """The stock behind a dead link is not an empty stock."""
    (tmp_path / "areas.csv").write_text(AREAS)
    (tmp_path / "stock.csv").symlink_to(tmp_path / "gone.csv")
    (tmp_path / "needs.csv").symlink_to(tmp_path / "needs.csv")
    assert rules(tmp_path, "error") == [("needs.csv", "file"), ("stock.csv", "file")]


def test_a_folder_within_is_told(tmp_path):
    """Its tables are not read: it is said, not passed over."""
    (tmp_path / "areas.csv").write_text(AREAS)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "needs.csv").write_text("x\n")
    (tmp_path / "roads.gdb").mkdir()
    (tmp_path / "pictures").mkdir()
    told = [row for row in rules(tmp_path, "warning") if row[1] == "folder-within"]
    assert told == [("old", "folder-within"), ("roads.gdb", "folder-within")]
