"""What the tests of files share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aidline.formats.read import Read, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SETTINGS = 'name = "Test"\nstart_date = 2027-03-02\ndays = 5\n'
ITEMS = (
    "item_id,need_group,kind,weight_kg,volume_m3\n"
    "food,food,daily,0.6,0.001\ntarp,shelter,once,4.2,0.0112\n"
)
AREAS = "area_id,name,latitude,longitude\n" + "".join(
    f"AR-0{i},Area {i},12.{i},-61.{i}\n" for i in range(1, 6)
)


@pytest.fixture
def read_tables(tmp_path: Path) -> Callable[..., Read]:
    """Read a folder with areas, items, settings and the given CSV tables (text or bytes)."""

    def reader(settings: str = "", **tables: Any) -> Read:
        files = {"areas": AREAS, "items": ITEMS, **tables}
        (tmp_path / "situation.toml").write_text(SETTINGS + settings, encoding="utf-8")
        for name, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            (tmp_path / f"{name}.csv").write_bytes(data)
        return read(tmp_path)

    return reader
