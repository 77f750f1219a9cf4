"""Units as people write them, and what one is of another."""

from __future__ import annotations

from aidline.formats.folding import fold

_ALIASES: dict[str, tuple[str, float]] = {
    word: (dimension, size)
    for dimension, size, words in (
        ("mass", 0.001, "g gr gram grams gramme grammes gramo gramos غرام"),
        (
            "mass",
            1.0,
            "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes كغ كجم كيلوغرام",
        ),
        ("mass", 1000.0, "t ton tons tonne tonnes mt tm tonelada toneladas طن"),
        ("volume", 0.001, "l lt litre litres liter liters litro litros لتر"),
        ("volume", 1.0, "m3 cbm متر_مكعب"),
        ("time", 1 / 60, "min mins minute minutes minuto minutos دقيقه"),
        ("time", 1.0, "h hr hrs hour hours heure heures hora horas ساعه ساعات"),
        ("length", 0.001, "m metre metres meter meters metro metros"),
        ("length", 1.0, "km kms kilometre kilometres kilometer kilometers kilometro kilometros كم"),
        ("days", 1.0, "day days jour jours dia dias يوم ايام"),
        (
            "people",
            1.0,
            "people person persons pers personne personnes persona personas pax شخص اشخاص",
        ),
        ("households", 1.0, "household households hh hhs menage menages hogar hogares اسره اسر"),
        (
            "trucks",
            1.0,
            "truck trucks camion camions camiones vehicle vehicles شاحنه شاحنات",
        ),
        ("thousands", 1.0, "thousands thousand 000 000s k milliers miles الاف بالالاف"),
        ("millions", 1.0, "millions million millones مليون ملايين"),
        (
            "packs",
            1.0,
            "pack packs carton cartons box boxes bag bags bale bales pallet pallets colis sac sacs",
        ),
        ("packs", 1.0, "caisses cajas bultos sacos paquetes كرتون كراتين كيس اكياس"),
        ("beds", 1.0, "bed beds lit lits cama camas سرير"),
        ("speed", 1.0, "kmh km_h kph"),
        ("angle", 1.0, "deg degree degrees"),
    )
    for word in words.split()
}
_DAILY = {"per day", "day", "par jour", "jour", "por dia", "dia"}


def factor_between(written: str, wanted: str) -> float | None:
    """Return what to multiply a figure in `written` by to have it in `wanted`.

    None where the one cannot be turned into the other. Units per day ("trucks/day") accept
    the bare unit as well; litres and cubic metres, kilograms and tonnes, minutes and hours,
    metres and kilometres are turned into each other.
    """
    if not wanted:
        return None
    if fold(written) == fold(wanted) or (written.strip() in {"°", "º"} and wanted == "°"):
        return 1.0
    base, rate = _split(written)
    wanted_base, wanted_rate = _split(wanted)
    if rate and not wanted_rate:
        return None
    one, two = _ALIASES.get(base), _ALIASES.get(wanted_base)
    if one is None or two is None or one[0] != two[0]:
        return None
    return one[1] / two[1]


def _split(unit: str) -> tuple[str, bool]:
    head, _, tail = unit.partition("/")
    if tail and fold(tail) in _DAILY:
        return fold(head).replace(" ", "_"), True
    word = fold(unit)
    for end in sorted(_DAILY, key=len, reverse=True):
        if word.endswith(" " + end):
            return word[: -len(end) - 1].replace(" ", "_"), True
    return word.replace(" ", "_"), False


def is_unit(text: str) -> bool:
    """Tell whether a text is the name of a unit and nothing else."""
    inner = text.strip().strip("()[]").strip()
    return bool(inner) and (_split(inner)[0] in _ALIASES or inner in {"%", "°"})
