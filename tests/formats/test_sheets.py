from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from told import errors, warned

from aidline.formats.csv_text import decode, separator
from aidline.formats.folder import table_of
from aidline.formats.folding import fold
from aidline.formats.labels import (
    LANGUAGES,
    choice_label,
    choice_names,
    column_label,
    column_names,
    labels,
    meaning,
    table_label,
    table_meaning,
    table_names,
    unit_label,
)
from aidline.situation.tables import TABLES

D = dt.date(2027, 3, 2)


def test_every_table_column_and_code_has_a_label_in_every_language():
    """Labels are complete, and each leads back to what it stands for."""
    for table in TABLES:
        for language in LANGUAGES:
            assert table_names()[fold(table_label(table.name, language))] == table.name
            for column in table.columns:
                meant = column_names(table.name)[
                    fold(column_label(table.name, column.name, language))
                ]
                assert meant[0] == column.name
                for code in column.choices:
                    assert choice_names(column.choices)[fold(choice_label(code, language))] == code
    known = {(t.name, c.name) for t in TABLES for c in t.columns}
    units = {c.unit for t in TABLES for c in t.columns if c.unit}
    assert all(unit_label(unit, "ar") != unit for unit in units - {"°"})
    for language in ("fr", "es", "ar"):
        for table in TABLES:
            assert table_meaning(table.name, language) != table.meaning
            for column in table.columns if table.first_plan else ():
                assert meaning(table.name, column.name, language) != column.meaning
    assert all(k in known for k in labels().columns if k[0] not in {"", "settings"})


@pytest.mark.parametrize(
    "header",
    [
        "area_id,item_id,date,quantity",
        "P-Code;Article;Date;Quantité",
        "Código de zona\tArtículo\tFecha\tCantidad",
        "ADM2_PCODE|ITEM CODE|From|QTY",
        "رمز المنطقة,رمز الصنف,التاريخ,الكمية",
        "grp/area_id,grp/item_id,grp/date,Quantity (units)",
    ],
)
def test_headers_in_many_words(read_tables, header):
    """A header in English, French, Spanish, Arabic or of a form is understood."""
    sign = next(s for s in ";\t|," if s in header)
    needs = f"{header}\n" + sign.join(["AR-01", "food", "2027-03-02", "10"]) + "\n"
    result = read_tables(needs=needs)
    assert errors(result) == []
    row = result.situation["needs"].select("area_id", "item_id", "date", "quantity").rows()
    assert row == [("AR-01", "food", D, 10.0)]


def test_title_rows_blank_rows_units_and_totals(read_tables):
    """Titles, units, blank rows and a total are no needs; rows are counted as shown."""
    needs = (
        "Needs of March,,,\n,,,\narea_id,item_id,quantity,people\n,,units,people\n"
        "AR-01,food,10,5\n,,,\nAR-02,food,ten,6\nTOTAL GENERAL,,20,11\n"
    )
    result = read_tables(needs=needs)
    assert errors(result) == [(7, "quantity", "number")]
    assert [w[0] for w in warned(result, "total-row")] == [8]
    assert (result.rows_in["needs"], result.rows_accepted["needs"]) == (3, 1)


@pytest.mark.parametrize(
    "word",
    ["Total", "Gran total", "Ensemble", "المجموع", "Grand Total:", "TOTAL PAYS", "Sous-total"],
)
def test_words_for_totals(read_tables, word):
    """A total is recognised in four languages."""
    result = read_tables(population=f"area_id,people\nAR-01,10\nAR-02,20\n{word},30\n")
    assert [w[0] for w in warned(result, "total-row")] == [4]
    assert result.situation["population"]["people"].sum() == 30


def test_a_total_that_only_its_figures_show(read_tables):
    """A last row that is the sum of five others is a total even under the code of the country."""
    rows = "".join(f"AR-0{i},{i * 11}\n" for i in range(1, 6))
    result = read_tables(population=f"area_id,people\n{rows}AR,165\n")
    assert [w[0] for w in warned(result, "total-row")] == [7]
    assert errors(result) == []


def test_two_areas_that_happen_to_add_up_stay(read_tables):
    """10 + 20 = 30 among named areas is chance."""
    result = read_tables(population="area_id,people\nAR-01,10\nAR-02,20\nAR-03,30\n")
    assert result.rows_accepted["population"] == 3


def test_a_name_with_total_in_it_stays(read_tables):
    """A depot called after a fuel company is no total."""
    result = read_tables(
        places="place_id,name,kind,latitude,longitude\nP1,Total depot,depot,12,-61\n"
    )
    assert result.rows_accepted["places"] == 1


def test_hxl_tags(read_tables):
    """HXL tags name columns whose headers nobody knows; parts of a total do not count."""
    text = (
        "Code DDT,Gens,Dont femmes\n#adm2+code,#population,#population+f\nAR-01,10,6\nAR-02,20,11\n"
    )
    result = read_tables(population=text)
    assert result.situation["population"]["people"].to_list() == [10, 20]
    assert [w[2] for w in warned(result, "unknown-column")] == ["Dont femmes"]


def test_hxl_tags_alone_and_above(read_tables):
    """Tags stand for the header where there is none, and may stand above it."""
    assert (
        read_tables(population="#adm2+code,#population\nAR-01,10\n").rows_accepted["population"]
        == 1
    )
    assert (
        read_tables(population="#adm2+code,#population\nCode,Gens\nAR-01,10\n").rows_accepted[
            "population"
        ]
        == 1
    )


def test_unknown_columns_are_named_once_with_the_nearest_known(read_tables):
    """A misspelt header is reported once and the likely column offered."""
    result = read_tables(population="area_id,people,housholds,zzz\nAR-01,10,2,1\nAR-02,20,4,1\n")
    found = (
        result.problems.filter(pl.col("rule") == "unknown-column")
        .select("row", "column", "mend")
        .rows()
    )
    assert found[0] == (1, "housholds", "did you mean households?")
    assert [f[1] for f in found] == ["housholds", "zzz"]


def test_a_header_that_may_mean_two_columns(read_tables):
    """ "Weight" of an item may be kilograms or priority: the reading is told."""
    result = read_tables(items="item_id,need_group,kind,Weight\nfood,food,daily,2\n")
    assert [w[1] for w in warned(result, "ambiguous-header")] == ["weight"]


def test_the_same_column_twice(read_tables):
    """Of two headers for one column the first is read and the second named."""
    result = read_tables(population="area_id,people,Population\nAR-01,10,99\n")
    assert [w[1:] for w in warned(result, "header-twice")] == [("people", "Population")]


def test_units_in_the_header(read_tables):
    """A header in another unit converts its column; an impossible one is an error."""
    text = "class_id,profile,Payload (kg),volume_m3\nt10,truck,10000,40\n"
    result = read_tables(vehicle_classes=text)
    assert result.situation["vehicle_classes"]["payload_t"].to_list() == [10.0]
    assert warned(result, "unit-converted") == [(1, "payload_t", "kg")]
    wrong = read_tables(vehicle_classes=text.replace("(kg)", "(m3)"))
    assert (1, "payload_t", "unit") in errors(wrong)


@pytest.mark.parametrize("word", ["thousands", "milliers", "cartons", "cajas"])
def test_counts_in_thousands_or_packs(read_tables, word):
    """People in thousands and stock in cartons are no people and no units: an error."""
    result = read_tables(population=f"area_id,People ({word})\nAR-01,14\n")
    assert (1, "people", "unit") in errors(result)
    assert result.rows_accepted["population"] == 0


def test_words_in_brackets_that_nobody_knows(read_tables):
    """A note in a header that is no known unit is told, and the figures are read."""
    result = read_tables(population="area_id,People (estimate)\nAR-01,14\n")
    assert warned(result, "unknown-unit") == [(1, "people", "estimate")]
    assert result.rows_accepted["population"] == 1


def test_a_row_of_data_is_no_header(read_tables):
    """Words in the data that happen to be names of columns do not make a header of them."""
    text = "a,b,c,d\n1.5,Hospital,Beds,x\n"
    result = read_tables(hospitals=text)
    assert (1, "", "no-header") in errors(result)
    assert "hospitals" not in result.rows_in


def test_rows_without_a_required_column_are_not_accepted(read_tables):
    """A column that must be there and is missing is told once, and no row is accepted."""
    result = read_tables(places="name,kind\nDepot,depot\nPort,port\n")
    assert [e[1:] for e in errors(result)] == [("place_id", "required")]
    assert (result.rows_in["places"], result.rows_accepted["places"]) == (2, 0)


def test_column_mapping_of_the_settings(read_tables):
    """[columns.<table>] names headers that nobody could guess."""
    mapping = '\n[columns.population]\narea_id = "X1"\npeople = "X2"\n'
    result = read_tables(settings=mapping, population="X1,X2\nAR-01,10\n")
    assert result.situation["population"]["people"].to_list() == [10]


def test_decimal_mark_of_the_settings(read_tables):
    """decimal = "," settles what 1.234 and 1,5 mean."""
    result = read_tables(
        settings='decimal = ","\n', needs="area_id,item_id,quantity\nAR-01,food,1.234\n"
    )
    assert result.situation["needs"]["quantity"].to_list() == [1234]


def test_wrong_settings_are_problems(read_tables):
    """A wrong value and an unknown key of situation.toml are named."""
    result = read_tables(settings='context = "eartquake"\ndayz = 3\n')
    found = (
        result.problems.filter(pl.col("rule") == "settings")
        .select("level", "column", "mend")
        .rows()
    )
    assert found[0][:2] == ("error", "context")
    assert found[1] == ("warning", "dayz", "did you mean days?")


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        ("Bébé é Añasco,Ñuñoa", "utf-8", "utf-8"),
        ("Bébé é", "utf-8-sig", "utf-8-sig"),
        ("Bébé سانتا", "utf-16", "utf-16"),
        ("area_id;name;سانتا", "utf-16-le", "utf-16"),
        ("area_id;name;people", "utf-16-be", "utf-16"),
        ("Évaluée à Añasco, Sévère, forêt", "cp1252", "cp1252"),
        ("رمز المنطقة,الاسم\nAR-01,سانتا انا", "cp1256", "cp1256"),
        ("L’été à Nîmes; gérée", "cp1252", "cp1252"),
    ],
)
def test_encodings(text, encoding, told):
    """Text comes back whole from every usual encoding, and the right one is named."""
    assert decode(text.encode(encoding)) == (text, told)


def test_an_old_encoding_is_reported(read_tables):
    """A cp1256 file is read, with a warning that names the encoding."""
    text = "رمز المنطقة,عدد السكان\nAR-01,١٢٠\n".encode("cp1256", errors="replace")
    result = read_tables(population=text)
    assert [w[2] for w in warned(result, "encoding")] == ["cp1256"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_separators(sign):
    """The separator is the one that cuts the header, whatever else stands in the cells."""
    head = sign.join(["area_id", "name", "people"])
    assert separator(f'{head}\nA{sign}"b{sign}, ; c"{sign}1,5\n') == sign


def test_a_quoted_line_break_does_not_shift_rows(read_tables):
    """Rows are counted as a spreadsheet counts them."""
    result = read_tables(areas='area_id,name,latitude\nA,"two\nlines",1\nB,x,north\n')
    assert (3, "latitude", "number") in errors(result)


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("Needs", "needs"),
        ("besoins 2027", "needs"),
        ("2_stock_north", "stock"),
        ("Existencias", "stock"),
        ("الاحتياجات", "needs"),
        ("Road status", "road_status"),
        ("Lire", None),
        ("Settings", "settings"),
        ("travel times", "travel_times"),
    ],
)
def test_names_of_sheets(name, table):
    """A sheet or file name tells its table in four languages, with other words around it."""
    assert table_of(name) == table


def test_a_file_with_a_strange_name_is_known_by_its_headers(read_tables):
    """Headers that fit one table only tell it; others are named as unread."""
    result = read_tables(export7="area_id,people\nAR-01,10\n", notes="a,b\n1,2\n")
    assert result.rows_accepted["population"] == 1
    unread = result.problems.filter(pl.col("rule") == "unknown-sheet")["file"].to_list()
    assert unread == ["notes.csv"]


def test_two_files_of_one_table(read_tables):
    """needs_north and needs_south are one table."""
    result = read_tables(
        needs_north="area_id,item_id,quantity\nAR-01,food,1\n",
        needs_south="item,pcode,qty\nfood,AR-02,2\n",
    )
    assert result.situation["needs"]["quantity"].to_list() == [1, 2]


def test_cells_without_a_header_and_codes_from_numbers(read_tables):
    """Figures in a column without a name are told, not lost in silence."""
    result = read_tables(population="area_id,people,\nAR-01,10,7\n")
    assert warned(result, "no-column-name") == [(2, "C", "7")]
