"""Names of areas, places, items and the rest, and limits put into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from aidline.formats.report_html.language import Language
    from aidline.situation.situation import Situation

NAMED = (
    ("areas", "area_id"), ("places", "place_id"), ("items", "item_id"),
    ("vehicle_classes", "class_id"), ("road_segments", "segment_id"),
)  # fmt: skip


@dataclass(frozen=True)
class Names:
    """Code -> name, by table; a code without a name stands for itself."""

    tables: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, situation: Situation) -> Names:
        """Collect the names of a situation."""
        return cls({table: _pairs(situation[table], key) for table, key in NAMED})

    @property
    def all(self) -> dict[str, str]:
        """Code -> name over all tables; where a code stands in several, as `any` finds it."""
        tables = reversed(list(self.tables.values()))
        return {code: name for names in tables for code, name in names.items()}

    def area(self, code: str) -> str:
        """Return the name of an area."""
        return self.tables["areas"].get(code, code)

    def place(self, code: str) -> str:
        """Return the name of a place."""
        return self.tables["places"].get(code, code)

    def item(self, code: str) -> str:
        """Return the name of an item."""
        return self.tables["items"].get(code, code)

    def truck(self, code: str) -> str:
        """Return the name of a class of trucks."""
        return self.tables["vehicle_classes"].get(code, code)

    def any(self, code: str | None) -> str:
        """Return the name of whatever has the code, "" for none; several codes are listed."""
        if not code:
            return ""
        for names in self.tables.values():
            if code in names:
                return names[code]
        parts = code.split()
        if len(parts) == 1:
            return code
        return ", ".join(dict.fromkeys(self.any(part) for part in parts))


def _pairs(frame: pl.DataFrame, key: str) -> dict[str, str]:
    return {code: name or code for code, name in frame.select(key, "name").iter_rows()}


def limit_words(language: Language, names: Names, kind: str, row: Mapping[str, Any]) -> str:
    """Return a limit in words: "Truck slots at Port West".

    Parameters
    ----------
    kind
        "cause" or "resource": the family of wordings.
    row
        Has `cause` or `resource`, `at_id` and `of_id`.

    Notes
    -----
    The wording with the most detail that the row can fill is taken: with place and thing,
    with the place, with the thing, or bare.
    """
    at, of = names.any(row["at_id"]), names.any(row["of_id"])
    base = f"{kind}.{row[kind]}"
    for suffix, values in (
        ("_at_of", {"at": at, "of": of}),
        ("_at", {"at": at}),
        ("_of", {"of": of}),
    ):
        if f"{base}{suffix}" in language and all(values.values()):
            return language.plain(f"{base}{suffix}", **values)
    return language.plain(base) if base in language else str(row[kind])
