from __future__ import annotations

import io
import json
import math
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest

from aidline.errors import FormatError
from aidline.formats import sandbox
from aidline.formats.read import read
from aidline.formats.sandbox import MEMORY_BYTES, run_sandboxed
from aidline.formats.xlsx_scan import scan_workbook

if TYPE_CHECKING:
    from pathlib import Path

GIB = 2**30
SHEETML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
OFFICE = "http://schemas.openxmlformats.org"
REL = f"{OFFICE}/officeDocument/2006/relationships"
MAIN = f"{OFFICE}/spreadsheetml/2006/main"
PACKAGE = f"{OFFICE}/package/2006"
TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
    'ContentType="application/xml"/><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SHEETML}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEETML}.worksheet+xml"/>'
    "</Types>"
)


def link(kind: str, target: str) -> str:
    """Return a part with one relationship."""
    inner = f'<Relationship Id="r1" Type="{REL}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def workbook(
    path: Path, cells: str, *, prolog: str = "", extra: dict[str, bytes] | None = None
) -> Path:
    """Write a minimal XLSX with one sheet "needs" whose XML is given."""
    sheet = f'{prolog}<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
    sheets = '<sheets><sheet name="needs" sheetId="1" r:id="r1"/></sheets>'
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": link("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": link("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": sheet,
        **(extra or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def text_cell(where: str, text: str) -> str:
    return f'<c r="{where}" t="inlineStr"><is><t>{text}</t></is></c>'


GOOD = f'<row r="1">{text_cell("A1", "area_id")}{text_cell("B1", "item_id")}</row>'
FAR = f'{GOOD}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def test_the_minimal_workbook_of_these_tests_is_read(tmp_path):
    """The hostile files below differ from a file that is read."""
    assert read(workbook(tmp_path / "a.xlsx", GOOD)).rows_in == {"needs": 0}


def test_sparse_workbook_that_asks_for_512_gib(tmp_path):
    """Two cells in opposite corners are refused by name of the far one, before any parsing."""
    path = workbook(tmp_path / "sparse.xlsx", FAR)
    assert path.stat().st_size < 5_000
    with pytest.raises(FormatError, match="1,048,576 and column 16,384"):
        read(path)


@pytest.mark.parametrize(
    "written", ['r="&#88;FD1048576"', "r='XFD1048576'", 'r = "XFD1048576"', ""]
)
def test_sparse_workbook_in_disguise(tmp_path, written):
    """However the far cell is written, there is a clear error or an ordinary reading."""
    cells = f'{GOOD}<row r="1048576"><c {written}><v>1</v></c></row>'
    try:
        read(workbook(tmp_path / "sparse.xlsx", cells))
    except FormatError as error:
        assert error.message  # noqa: PT017 - both outcomes are right


def test_the_child_dies_alone(tmp_path):
    """Where the scan is blind the child hits its memory limit, and the parent only reports it.

    The parent is a process of its own here, so that its memory figure is that of this child.
    """
    path = workbook(tmp_path / "sparse.xlsx", FAR)
    blind = "import aidline.formats.xlsx_cells as x; x.scan_workbook = lambda p: x.Scan()"
    script = tmp_path / "python"
    script.write_text(
        f"#!{sandbox.sys.executable}\nimport sys\n{blind}\nfrom aidline.formats.sandbox import "
        "main\nmain(sys.argv[3])\n"
    )
    script.chmod(0o755)
    parent = (
        "import resource, sys\nfrom pathlib import Path\nfrom aidline.errors import FormatError\n"
        "from aidline.formats import sandbox\n"
        f"sandbox.sys.executable = {str(script)!r}\n"
        "try:\n    sandbox.run_sandboxed('workbook', Path(sys.argv[1]))\n"
        "except FormatError as error:\n    print(error.message.replace(chr(10), ' '))\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", parent, str(path)], capture_output=True, text=True, check=True
    )
    message, used_kib = done.stdout.splitlines()
    assert "more memory" in message
    assert int(used_kib) * 1024 < GIB


def test_the_limit_is_below_one_gib_and_real_files_fit(tmp_path):
    """The child cannot hold 1 GiB, and reports what an ordinary workbook takes."""
    assert MEMORY_BYTES < GIB
    answer = run_sandboxed("workbook", workbook(tmp_path / "a.xlsx", GOOD))
    assert 0 < answer["peak_bytes"] < GIB / 4


def test_zip_bomb(tmp_path):
    """A part that unpacks to hundreds of times its size is refused unopened."""
    bomb = workbook(tmp_path / "bomb.xlsx", GOOD, extra={"xl/media/big.bin": bytes(30_000_000)})
    with pytest.raises(FormatError, match="times its size"):
        read(bomb)


def test_a_bomb_of_blank_xml(tmp_path):
    """A sheet of 40 MB of spaces is a bomb too."""
    with pytest.raises(FormatError, match="times its size"):
        read(workbook(tmp_path / "bomb.xlsx", GOOD + " " * 40_000_000))


def test_nested_zip(tmp_path):
    """An archive within the archive is refused."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.txt", "a")
    path = workbook(tmp_path / "nested.xlsx", GOOD, extra={"xl/inner.zip": inner.getvalue()})
    with pytest.raises(FormatError, match="another archive"):
        read(path)


def test_zip_of_a_workbook_named_xlsx(tmp_path):
    """A zip around a workbook says that it wants unpacking."""
    inner = workbook(tmp_path / "a.xlsx", GOOD)
    outer = tmp_path / "outer.xlsx"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "a.xlsx")
    with pytest.raises(FormatError, match="unpack it first"):
        read(outer)


def test_thousands_of_parts(tmp_path):
    """Ten thousand parts are no workbook."""
    extra = {f"xl/x{i}.bin": b"" for i in range(6_000)}
    with pytest.raises(FormatError, match="parts"):
        read(workbook(tmp_path / "many.xlsx", GOOD, extra=extra))


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
    ],
)
def test_xml_entities(tmp_path, prolog):
    """Entities, outer or growing, are refused."""
    with pytest.raises(FormatError, match="entities"):
        read(workbook(tmp_path / "xxe.xlsx", GOOD.replace("area_id", "&e;"), prolog=prolog))


def test_xml_in_utf16_cannot_hide_from_the_scan(tmp_path):
    """A sheet in UTF-16 would slip past a scan of bytes: it is refused."""
    hidden = f'<worksheet xmlns="{MAIN}"><sheetData>{FAR}</sheetData></worksheet>'.encode("utf-16")
    path = workbook(tmp_path / "u.xlsx", GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/sheet2.xml", hidden)
    with pytest.raises(FormatError, match="UTF-8"):
        scan_workbook(path)


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_truncated_workbook(tmp_path, keep):
    """Half a workbook is damaged, not a crash."""
    whole = workbook(tmp_path / "a.xlsx", GOOD).read_bytes()
    (tmp_path / "b.xlsx").write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(FormatError, match="damaged"):
        read(tmp_path / "b.xlsx")


def test_password(tmp_path):
    """A protected workbook (an OLE file with an encrypted package) says so."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)
    (tmp_path / "p.xlsx").write_bytes(head + "EncryptedPackage".encode("utf-16-le") + bytes(1000))
    with pytest.raises(FormatError, match="password"):
        read(tmp_path / "p.xlsx")


def test_garbage_and_wrong_names(tmp_path):
    """Empty files, pictures and PDFs under the name of a table say what they are."""
    for name, data, words in [
        ("a.xlsx", b"", "empty"),
        ("b.csv", b"", "empty"),
        ("c.csv", b"%PDF-1.7 x", "PDF"),
        ("d.xlsx", b"\x89PNG\r\n", "picture"),
        ("e.csv", b"area_id\0\0\0,x\n", "NUL"),
        ("f.gpkg", b"not a database", "GeoPackage"),
        ("g.xls", b"<html><table>", "web page"),
        ("h.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "XLSX"),
        ("i.geojson", b'{"type": "FeatureCollection", "features": [', "JSON"),
        ("j.geojson", b"[" * 200_000, "nested"),
        ("k.docx", b"PK", "CSV, XLSX"),
    ]:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FormatError, match=words):
            read(tmp_path / name)


def test_a_bad_file_in_a_folder_does_not_stop_the_others(tmp_path):
    """In a folder the bad file is an error of its own and the rest is read."""
    workbook(tmp_path / "needs.xlsx", FAR)
    (tmp_path / "areas.csv").write_text("area_id,name\nAR-1,One\n")
    result = read(tmp_path)
    assert result.rows_accepted == {"areas": 1}
    bad = result.problems.filter(result.problems["rule"] == "file")
    assert bad["file"].to_list() == ["needs.xlsx"]


def test_csv_of_a_million_columns(tmp_path):
    """A header of 10⁶ columns is refused by count."""
    (tmp_path / "needs.csv").write_text(",".join("c" for _ in range(1_000_000)) + "\n")
    with pytest.raises(FormatError, match="1000000 columns"):
        read(tmp_path / "needs.csv")


def test_csv_with_an_endless_line(tmp_path):
    """A line of 30 MB is refused."""
    (tmp_path / "needs.csv").write_text("area_id,item_id\n" + "a" * 30_000_000)
    with pytest.raises(FormatError, match="longer"):
        read(tmp_path / "needs.csv")


def test_open_quotation_mark(tmp_path):
    """A quotation mark that is never closed is named."""
    (tmp_path / "needs.csv").write_text('area_id,item_id\nA,"' + "x\n" * 9_000_000)
    with pytest.raises(FormatError, match="quotation"):
        read(tmp_path / "needs.csv")


@pytest.mark.parametrize("value", ["NaN", "inf", "-Infinity", "1e308", "1e999", "1e13"])
def test_absurd_numbers(read_tables, value):
    """NaN, infinite and absurd figures are errors at their cell."""
    needs = f"area_id,item_id,quantity\nAR-01,food,1\nAR-02,food,{value}\n"
    result = read_tables(needs=needs)
    rows = (
        result.problems.filter(result.problems["level"] == "error").select("row", "column").rows()
    )
    assert rows == [(3, "quantity")]


def test_deep_wkt_is_not_parsed(read_tables):
    """Brackets nested a hundred thousand deep never reach the geometry library."""
    deep = "GEOMETRYCOLLECTION(" * 100_000
    result = read_tables(areas=f'area_id,geometry\nAR-01,"{deep}"\nAR-02,"POLYGON({deep}"\n')
    assert list(result.problems.filter(result.problems["column"] == "geometry")["rule"]) == [
        "wkt",
        "wkt",
    ]


def layer(path: Path, *geometries: object) -> Path:
    features = [
        {"type": "Feature", "properties": {"area_id": f"A{i}"}, "geometry": g}
        for i, g in enumerate(geometries, 1)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


BOW = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
SQUARE = [[[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]]


def test_shapes_that_cross_themselves_are_repaired_with_a_warning(tmp_path):
    """A bow-tie becomes two triangles and is named; a square stays as it is."""
    shape = {"type": "Polygon", "coordinates": BOW}
    path = layer(tmp_path / "areas.geojson", shape, {"type": "Polygon", "coordinates": SQUARE})
    result = read(path)
    repaired = result.problems.filter(result.problems["rule"] == "repaired-shape")
    assert repaired.select("row", "level").rows() == [(1, "warning")]
    assert result.situation["areas"]["geometry"][0].startswith("MULTIPOLYGON")
    assert result.rows_accepted == {"areas": 2}


@pytest.mark.parametrize(
    ("geometry", "rule"),
    [
        ({"type": "Point", "coordinates": [math.inf, math.inf]}, "infinite-coordinate"),
        ({"type": "Point", "coordinates": [500000.0, 700000.0]}, "coordinates"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "broken-shape"),
        ({"type": "Blob", "coordinates": [1]}, "wkt"),
        ({"type": "Point", "coordinates": ["a", None]}, "wkt"),
    ],
)
def test_broken_features_are_rejected_alone(tmp_path, geometry, rule):
    """A feature whose shape is impossible is left out; the next one stays."""
    path = layer(tmp_path / "areas.geojson", geometry, {"type": "Polygon", "coordinates": SQUARE})
    result = read(path)
    found = result.problems.filter(result.problems["level"] == "error")
    assert found.select("row", "rule").rows() == [(1, rule)]
    assert result.situation["areas"]["area_id"].to_list() == ["A2"]


def test_ordinary_openpyxl_workbook(tmp_path):
    """What openpyxl writes passes the scan."""
    book = openpyxl.Workbook()
    book.active.title = "areas"
    book.active.append(["area_id", "name"])
    book.active.append(["001", "One"])
    book.save(tmp_path / "ok.xlsx")
    assert read(tmp_path / "ok.xlsx").situation["areas"]["area_id"].to_list() == ["001"]


def test_line_ends_of_old_systems(tmp_path):
    """Rows that end with a carriage return only are rows."""
    (tmp_path / "areas.csv").write_bytes(b"area_id,name\rA,One\rB,Two\r")
    assert read(tmp_path / "areas.csv").situation["areas"]["area_id"].to_list() == ["A", "B"]


def test_too_many_cells(tmp_path):
    """A text file of too many cells is refused before it fills the memory."""
    (tmp_path / "needs.csv").write_text(
        "area_id" + "," * 1_900 + "\n" + ("," * 1_900 + "\n") * 10_600
    )
    with pytest.raises(FormatError, match="cells"):
        read(tmp_path / "needs.csv")
