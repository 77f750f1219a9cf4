"""Every table of a situation, with every column: open this first.

A situation is what is known: needs and people, stock and pipeline, roads and crossings,
fleets, hospitals and casualties, worksites and teams. A plan is never written into it.
Dates are calendar dates; the plan counts days from `start_date` of `situation.toml` (day 0).
Coordinates are WGS84 degrees.
"""
# One line per column reads best, however long it is.
# fmt: off

from __future__ import annotations

from aidline.situation.schema import Column as C
from aidline.situation.schema import Table

SENSITIVITIES = ("low", "moderate", "high", "severe")
NEED_GROUPS = ("food", "water", "shelter", "household", "hygiene", "health", "fuel", "other")
ROAD_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "service", "track")
NO_VEHICLES = "no_vehicles"
ROAD_STATES = ("open", "restricted", "closed")
SURFACES = ("paved", "gravel", "dirt", "unknown")
TRIAGE = ("red", "yellow", "green", "expectant")
SPECIALTIES = ("surgery", "orthopaedic", "burns", "dialysis", "maternity", "paediatric", "infectious", "general")
PROFILES = ("heavy_truck", "truck", "light_truck", "4x4", "ambulance", "bus")

SOURCE = C("source_id", "id", "Where the figure comes from.", refers_to=("sources",), example="S1", hxl="#meta+source", also=("source", "fuente", "provenance"))
AS_OF = C("as_of", "date", "Date on which the figure was true.", example="2027-03-02", hxl="#date+reported", also=("date of figure", "fecha del dato", "date de la donnee"))
SENSITIVITY = C("sensitivity", "choice", "How widely the row may be shared.", choices=SENSITIVITIES, example="low", default="by kind of data and context (natural hazard or conflict)")
LATITUDE = C("latitude", "number", "Latitude, degrees north.", unit="°", example="12.431", low=-90, high=90, hxl="#geo+lat", also=("lat", "y", "latitud", "gps latitude"))
LONGITUDE = C("longitude", "number", "Longitude, degrees east.", unit="°", example="-61.384", low=-180, high=180, hxl="#geo+lon", also=("lon", "long", "lng", "x", "longitud"))


def _id(name: str, meaning: str, example: str, **more: object) -> C:
    return C(name, "id", meaning, example=example, required=True, **more)  # type: ignore[arg-type]


def _ref(name: str, meaning: str, example: str, *tables: str, required: bool = True, **more: object) -> C:
    return C(name, "id", meaning, example=example, required=required, refers_to=tables, **more)  # type: ignore[arg-type]


AREA = ("area", "area code", "pcode", "p-code", "p code", "adm2 pcode", "admin2 code", "zone", "district code", "codigo", "code zone")
ITEM = ("item", "item code", "commodity", "article", "articulo", "produit", "product")
PLACE = ("place", "site", "warehouse", "depot", "warehouse code", "almacen", "entrepot", "location")
QUANTITY = ("qty", "quantite", "cantidad", "amount", "number", "nombre")

TABLES: tuple[Table, ...] = (
    Table("areas", "The places where people are: one row per district, camp or settlement.", (
        _id("area_id", "Code of the area (P-code); kept as text.", "AR-03", hxl="#adm2+code", also=AREA),
        C("name", "text", "Name as people there say it.", example="Santa Ana Bay", hxl="#adm2+name", also=("area name", "adm2 name", "nom", "nombre", "district")),
        C("parent_id", "id", "Code of the larger area that holds it.", example="AR", hxl="#adm1+code", also=("adm1 pcode", "admin1 code", "province")),
        C("pcode_version", "text", "Edition of the code list; codes are unique only within one.", example="2026-01"),
        LATITUDE, LONGITUDE,
        C("severity", "whole", "Severity phase, 1 (minimal) to 5 (catastrophic); an order, never a weight.", example="4", low=1, high=5, hxl="#severity", also=("phase", "gravedad", "severite")),
        C("severity_scale", "choice", "Which scale the phase is on.", choices=("JIAF", "IPC", "INFORM"), example="JIAF"),
        C("priority", "number", "Weight of a person-day here against elsewhere; leave empty for equal.", example="1", low=0.01, high=100, default="1: needs alone set priorities"),
        C("assessed", "yes_no", "Has anyone assessed it? 'no' gives it a floor, never zero.", example="yes", default="yes where it has needs, else no", also=("evaluated", "evalue", "evaluado")),
        C("geometry", "wkt", "Outline as well-known text (longitude first).", example="POLYGON((-61.4 12.4,-61.3 12.4,-61.3 12.5,-61.4 12.4))", also=("wkt", "geom", "the_geom")),
        SENSITIVITY, SOURCE,
    ), ("area_id",), first_plan=True, also=("zones", "districts", "admin2", "locations")),
    Table("population", "How many people are in an area.", (
        _ref("area_id", "The area.", "AR-03", "areas", hxl="#adm2+code", also=AREA),
        C("people", "number", "People now present.", unit="people", example="14200", required=True, low=0, hxl="#population", also=("population", "pop", "t tl", "personnes", "personas", "habitants", "poblacion")),
        C("people_low", "number", "Low end of what is plausible.", unit="people", example="12000", low=0),
        C("people_high", "number", "High end of what is plausible.", unit="people", example="16000", low=0),
        C("households", "number", "Households.", unit="households", example="2980", low=0, also=("hh", "menages", "hogares")),
        AS_OF, SOURCE,
    ), ("area_id",), first_plan=True, also=("people", "poblacion")),
    Table("needs", "Who needs what, where and from when. Leave the quantity empty to have it worked out from people × standard.", (
        _ref("area_id", "The area.", "AR-03", "areas", hxl="#adm2+code", also=AREA),
        _ref("item_id", "What is needed.", "food_ration", "items", hxl="#item+code", also=ITEM),
        C("date", "date", "First day of the need.", example="2027-03-02", default="first day of the plan", hxl="#date+start", also=("from", "start", "desde", "debut", "fecha")),
        C("until", "date", "Last day of a daily need (both days included).", example="2027-03-15", default="last day of the plan", hxl="#date+end", also=("to", "end", "hasta", "fin")),
        C("people", "number", "People in need of it.", unit="people", example="9800", low=0, hxl="#inneed", also=("pin", "in need", "people in need", "personnes dans le besoin", "personas necesitadas")),
        C("quantity", "number", "Units needed: per day for a daily item, once for a one-off item.", unit="units of the item", example="9800", low=0, default="people × the item's quantity per person", hxl="#indicator+need+num", also=(*QUANTITY, "need", "needed", "besoin", "necesidad")),
        C("quantity_low", "number", "Low end of what is plausible.", unit="units of the item", low=0, example="8000"),
        C("quantity_high", "number", "High end of what is plausible.", unit="units of the item", low=0, example="12000"),
        AS_OF, SOURCE,
    ), ("area_id", "item_id", "date"), first_plan=True, also=("besoins", "necesidades", "requirements")),
    Table("items", "What is carried: weight and volume of one unit, and how it is needed.", (
        _id("item_id", "Short code of the item.", "food_ration", hxl="#item+code", also=ITEM),
        C("name", "text", "Name.", example="General food ration", hxl="#item+name", also=("item name", "description", "designation", "descripcion")),
        C("need_group", "choice", "Group of needs it belongs to; fairness is kept per area and group.", choices=NEED_GROUPS, required=True, example="food", also=("group", "sector", "category", "categorie", "categoria")),
        C("kind", "choice", "daily = needed anew each day, a missed day is lost; once = needed once, waiting is counted.", choices=("daily", "once"), required=True, example="daily", also=("type", "tipo")),
        C("unit", "text", "The unit in which it is counted.", example="person-day ration", also=("uom", "unite", "unidad")),
        C("weight_kg", "number", "Weight of one unit, packed.", unit="kg", example="0.62", low=0, high=60000, also=("kg", "kg per uom", "weight", "poids", "peso")),
        C("volume_m3", "number", "Volume of one unit, packed.", unit="m³", example="0.0011", low=0, high=400, also=("m3", "m3 per uom", "volume", "volumen")),
        C("pack_units", "number", "Units in one pack (bag, bale, carton).", unit="units", example="50", low=0.001, also=("pack qty", "units per pack")),
        C("per_person", "number", "Units per person: per day for a daily item, once for a one-off item.", unit="units/person", example="1", low=0),
        C("hold_days", "whole", "How many days an area can keep it before use.", unit="days", example="14", low=0, high=365, default="to the end of the plan"),
        C("weight", "number", "Weight of a person-day of it against other items; leave empty for equal.", example="1", low=0.001, high=1000, default="1"),
        C("cold_chain", "yes_no", "Needs a cold chain.", example="no"),
        C("dangerous", "yes_no", "Dangerous goods (fuel, chlorine).", example="no"),
        C("catalogue_code", "text", "Code in the Emergency Items Catalogue.", example="HSHETARPW406"),
        SOURCE,
    ), ("item_id",), first_plan=True, also=("commodities", "articles", "articulos", "products")),
    Table("kits", "What a kit holds. A kit counts as its parts, once.", (
        _ref("kit_id", "The kit (an item).", "family_kit", "items"),
        _ref("item_id", "A part of it (an item).", "blanket", "items", also=ITEM),
        C("quantity", "number", "Units of the part in one kit.", unit="units", required=True, example="5", low=0.001, also=QUANTITY),
    ), ("kit_id", "item_id")),
    Table("substitutes", "What may stand in for what.", (
        _ref("item_id", "The item that is needed.", "blanket", "items", also=ITEM),
        _ref("substitute_id", "The item that may be given instead.", "sleeping_bag", "items"),
        C("ratio", "number", "Units of the substitute that count as one unit.", unit="units/unit", required=True, example="1", low=0.0001, high=10000),
    ), ("item_id", "substitute_id")),
    Table("places", "Warehouses, ports, airports, crossings, hubs, hospitals and sites.", (
        _id("place_id", "Code of the place.", "WH-NORTH", also=PLACE),
        C("name", "text", "Name.", example="North warehouse", also=("nom", "nombre", "place name")),
        C("kind", "choice", "What it is.", choices=("depot", "hub", "port", "airport", "crossing", "hospital", "site", "base"), required=True, example="depot", also=("type", "tipo")),
        _ref("area_id", "The area in which it lies.", "AR-01", "areas", required=False, also=AREA),
        LATITUDE, LONGITUDE,
        _ref("fleet_base_id", "The place whose trucks load here.", "WH-NORTH", "places", required=False, default="itself"),
        C("transship", "yes_no", "May goods change trucks here on their way to an area?", example="no", default="no"),
        C("storage_t", "number", "Weight it can store.", unit="t", example="1200", low=0, default="not limited"),
        C("storage_m3", "number", "Volume it can store.", unit="m³", example="3500", low=0, default="not limited"),
        SENSITIVITY, SOURCE,
    ), ("place_id",), first_plan=True, also=("warehouses", "depots", "sites", "entrepots", "almacenes")),
    Table("stock", "What lies where: one row per lot, in a warehouse or already in an area.", (
        _id("lot_id", "Number of the lot or stock line.", "LOT-0007", also=("lot", "batch", "line", "lote")),
        _ref("place_id", "The warehouse that holds it.", "WH-NORTH", "places", required=False, also=PLACE),
        _ref("area_id", "Or the area that already holds it.", "", "areas", required=False, also=AREA),
        _ref("item_id", "The item.", "food_ration", "items", hxl="#item+code", also=ITEM),
        C("quantity", "number", "Units usable.", unit="units of the item", required=True, example="48000", low=0, also=(*QUANTITY, "stock", "on hand", "existencias")),
        C("available_from", "date", "First day on which it can be loaded.", example="2027-03-02", default="first day of the plan"),
        C("expiry", "date", "Last day on which it may be handed over.", example="2027-09-30", also=("expires", "expiry date", "best before", "peremption", "vencimiento", "caducidad")),
        C("owner", "text", "Organisation that owns it.", example="NDMA"),
        AS_OF, SENSITIVITY, SOURCE,
    ), ("lot_id",), first_plan=True, also=("inventory", "stocks", "inventario", "warehouse stock")),
    Table("arrivals", "What is on its way, and when it arrives at a crossing, port or warehouse.", (
        _id("arrival_id", "Number of the shipment line.", "PIPE-12", also=("shipment", "consignment")),
        _ref("place_id", "Where it arrives.", "PORT-W", "places", also=PLACE),
        _ref("item_id", "The item.", "tarpaulin", "items", hxl="#item+code", also=ITEM),
        C("quantity", "number", "Units.", unit="units of the item", required=True, example="6000", low=0, also=QUANTITY),
        C("eta", "date", "Expected day of arrival.", required=True, example="2027-03-05", also=("arrival", "date", "arrivee", "llegada", "expected")),
        C("eta_low", "date", "Earliest plausible day.", example="2027-03-04"),
        C("eta_high", "date", "Latest plausible day.", example="2027-03-09"),
        C("probability", "number", "Chance that it comes at all.", unit="share 0-1", example="0.9", low=0, high=1),
        C("expiry", "date", "Last day on which it may be handed over.", example="2027-09-30"),
        C("owner", "text", "Organisation that owns it.", example="IFRC"),
        SOURCE,
    ), ("arrival_id",), first_plan=True, also=("pipeline", "shipments", "in transit", "arribos", "arrivages")),
    Table("crossings", "Border points, ports and gates through which trucks enter: their daily slots and rules.", (
        _ref("place_id", "The crossing (a place).", "PORT-W", "places", also=("crossing", "crossing id", *PLACE)),
        C("slots_per_day", "number", "Loaded trucks that may enter per day.", unit="trucks/day", example="40", low=0, default="not limited", also=("trucks per day", "capacity", "cap planned trucks")),
        C("opens_at", "time", "Opening time.", example="08:00"),
        C("closes_at", "time", "Closing time.", example="16:00"),
        C("slots_per_hour", "number", "Loaded trucks that can be handled per opening hour.", unit="trucks/h", example="6", low=0),
        C("truck_payload_t", "number", "Payload of the trucks that enter.", unit="t", example="18", low=0.1, high=60, default="18 (3 axles, Logistics Operational Guide)"),
        C("truck_volume_m3", "number", "Loading volume of the trucks that enter.", unit="m³", example="60", low=0.1, high=150, default="60 (assumption)"),
        C("allowed_groups", "list", "Need groups that may pass; empty = all.", choices=NEED_GROUPS, example="food water health", default="all"),
        C("refused_items", "list", "Item codes that may not pass.", example="fuel"),
        SENSITIVITY, SOURCE,
    ), ("place_id",), first_plan=True, also=("borders", "crossing points", "ports")),
    Table("crossing_days", "What a crossing lets through on single days; overrides its usual slots.", (
        _ref("place_id", "The crossing.", "PORT-W", "crossings", also=("crossing", "crossing id", *PLACE)),
        C("date", "date", "The day.", required=True, example="2027-03-04", also=("day", "fecha", "jour")),
        C("status", "choice", "State of the crossing that day.", choices=ROAD_STATES, example="restricted"),
        C("slots", "number", "Trucks that may enter that day.", unit="trucks", example="20", low=0, also=("cap actual trucks", "trucks")),
        C("open_h", "number", "Opening hours that day.", unit="h", example="6", low=0, high=24),
        C("trucks_entered", "number", "Trucks that did enter (past days).", unit="trucks", example="17", low=0),
        SOURCE,
    ), ("place_id", "date")),
    Table("vehicle_classes", "Kinds of trucks and other vehicles.", (
        _id("class_id", "Code of the class.", "truck_10t", also=("class", "truck type", "vehicle type")),
        C("name", "text", "Name.", example="Rigid truck, 10 t"),
        C("profile", "choice", "How it moves on roads.", choices=PROFILES, required=True, example="truck"),
        C("payload_t", "number", "Weight it can carry.", unit="t", required=True, example="10", low=0, high=60, also=("payload", "capacity t", "charge utile")),
        C("volume_m3", "number", "Volume it can carry.", unit="m³", required=True, example="40", low=0, high=150, also=("m3", "volume")),
        C("gross_t", "number", "Weight when fully loaded: what a bridge must bear.", unit="t", example="18.8", low=0, high=80),
        C("speed_factor", "number", "Speed against the profile's usual speed.", example="1", low=0.1, high=3, default="1"),
        C("load_h", "number", "Time to load it.", unit="h", example="2", low=0, high=48, default="1 h + 0.08 h per t (assumption)"),
        C("unload_h", "number", "Time to unload it.", unit="h", example="2", low=0, high=48, default="as loading (assumption)"),
        C("seats", "whole", "Seats for patients or evacuees.", unit="seats", example="0", low=0),
        C("stretchers", "whole", "Stretchers.", unit="stretchers", example="0", low=0),
        SOURCE,
    ), ("class_id",), first_plan=True, also=("truck types", "vehicle types", "classes")),
    Table("fleets", "Which trucks are where.", (
        _id("fleet_id", "Code of the fleet line.", "F1", also=("fleet",)),
        _ref("place_id", "Home of the trucks: they start and end there.", "WH-NORTH", "places", also=("home", "base", *PLACE)),
        _ref("class_id", "Kind of truck.", "truck_10t", "vehicle_classes", also=("truck type", "class", "vehicle type")),
        C("vehicles", "number", "Trucks that can run.", unit="trucks", required=True, example="14", low=0, high=100000, also=("trucks", "number", "count", "camions", "camiones")),
        C("hours_per_day", "number", "Hours a truck may work per day, loading included.", unit="h/day", example="10", low=0, high=24, default="10 (daylight, no night movement: assumption)"),
        C("from_date", "date", "First day they are there.", example="2027-03-02", default="first day of the plan", also=("from", "available from")),
        C("until", "date", "Last day they are there.", example="2027-03-31", default="last day of the plan"),
        C("owner", "text", "Organisation or transporter.", example="National Red Cross"),
        SOURCE,
    ), ("fleet_id",), first_plan=True, also=("trucks", "camions", "camiones", "transport")),
    Table("vehicles", "Single vehicles, for dispatch.", (
        _id("vehicle_id", "Plate or fleet number.", "TR-114"),
        _ref("fleet_id", "The fleet it belongs to.", "F1", "fleets", required=False),
        _ref("class_id", "Its class.", "truck_10t", "vehicle_classes"),
        C("status", "choice", "Can it run?", choices=("ready", "repair", "unknown"), example="ready"),
        AS_OF, SOURCE,
    ), ("vehicle_id",)),
    Table("convoys", "Areas that may be entered only in convoys, on given days. An area with rows here is closed on all other days.", (
        _ref("area_id", "The area.", "AR-09", "areas", also=AREA),
        C("date", "date", "Day on which a convoy enters.", required=True, example="2027-03-06"),
        C("max_trucks", "number", "Trucks in that convoy.", unit="trucks", example="15", low=0, default="not limited"),
        SOURCE,
    ), ("area_id", "date")),
    Table("travel_times", "Travel times that people know, where there is no road file or where they know better.", (
        _ref("from_id", "From this place.", "WH-NORTH", "places", also=("from", "origin", "de", "desde")),
        _ref("to_id", "To this area or place.", "AR-03", "areas", "places", also=("to", "destination", "a", "vers", "hasta")),
        _ref("class_id", "For this kind of vehicle; empty = all.", "truck_10t", "vehicle_classes", required=False),
        C("date", "date", "From this day on.", example="2027-03-02", default="first day of the plan"),
        C("status", "choice", "State of the way.", choices=ROAD_STATES, example="open", default="open"),
        C("travel_h", "number", "Driving time, one way, without loading.", unit="h", example="3.5", low=0, high=500, also=("hours", "time", "duration h", "heures", "horas")),
        C("distance_km", "number", "Distance, one way.", unit="km", example="96", low=0, high=20000, also=("km", "distance", "distancia")),
        SOURCE,
    ), ("from_id", "to_id", "class_id", "date"), part="network", first_plan=True, also=("distances", "lanes", "routes", "times")),
    Table("road_segments", "Road lines, one row per segment; an OSM file may take their place.", (
        _id("segment_id", "Code of the segment (or OSM way).", "R-114", also=("segment", "osm way id", "way")),
        C("name", "text", "Name or number of the road.", example="Coast road"),
        C("road_class", "choice", "Class, in OSM's words; no_vehicles = footpaths and the like, which nobody drives on.", choices=(*ROAD_CLASSES, NO_VEHICLES), example="primary", default="unclassified", also=("highway", "class", "fclass", "type")),
        C("surface", "choice", "Surface.", choices=SURFACES, example="paved", default="unknown"),
        C("length_km", "number", "Length.", unit="km", example="7.4", low=0, default="from the line"),
        C("oneway", "choice", "One way in the direction of the line (yes), against it (reverse), or both ways (no).", choices=("no", "yes", "reverse"), example="no", default="no"),
        C("max_weight_t", "number", "Legal weight limit.", unit="t", example="20", low=0, also=("maxweight",)),
        C("bridge", "yes_no", "Is it a bridge?", example="no"),
        C("ford", "yes_no", "Is it a ford?", example="no"),
        C("speed_kmh", "number", "Free speed of a loaded truck, where known.", unit="km/h", example="40", low=1, high=130),
        C("geometry", "wkt", "Line as well-known text (longitude first).", required=True, example="LINESTRING(-61.38 12.43,-61.36 12.45)", also=("wkt", "geom")),
        SENSITIVITY, SOURCE,
    ), ("segment_id",), part="network", also=("roads", "routes", "carreteras", "road lines")),
    Table("road_status", "Log of road states: append a row for each report, never overwrite. The last row up to a day counts.", (
        _ref("segment_id", "The segment.", "R-114", "road_segments", also=("segment", "osm way id", "way")),
        C("date", "date", "From this day on.", required=True, example="2027-03-03", also=("since", "fecha", "jour")),
        C("status", "choice", "State.", choices=ROAD_STATES, required=True, example="closed", also=("state", "etat", "estado")),
        C("max_weight_t", "number", "Weight limit while in this state.", unit="t", example="10", low=0),
        C("speed_factor", "number", "Speed against the undamaged road.", example="0.4", low=0.01, high=1),
        C("cause", "choice", "Why.", choices=("landslide", "debris", "bridge_damage", "road_damage", "flood", "checkpoint", "roadblock", "other"), example="landslide"),
        AS_OF, SOURCE,
    ), ("segment_id", "date", "as_of", "source_id", "status"), part="network", also=("road states", "closures", "etat des routes", "estado de vias")),
    Table("blockages", "What blocks a road, and the work to open it.", (
        _id("blockage_id", "Code of the blockage.", "B-07"),
        _ref("segment_id", "The segment that it blocks.", "R-114", "road_segments", required=False),
        C("kind", "choice", "What it is.", choices=("landslide", "debris", "bridge_damage", "road_damage", "flood", "unexploded", "other"), example="landslide"),
        LATITUDE, LONGITUDE,
        C("volume_m3", "number", "Material to move.", unit="m³", example="900", low=0),
        C("span_m", "number", "Span to bridge.", unit="m", example="0", low=0),
        C("single_lane_crew_days", "number", "Work to open one lane.", unit="crew-days", example="2", low=0),
        C("full_crew_days", "number", "Work to open it fully.", unit="crew-days", example="5", low=0),
        C("explosive_hazard", "choice", "Threat assessment.", choices=("unknown", "assessed_clear", "suspected", "confirmed"), example="unknown"),
        AS_OF, SENSITIVITY, SOURCE,
    ), ("blockage_id",), part="clearance"),
    Table("commitments", "What is already moving or promised.", (
        _id("commitment_id", "Number.", "CM-3"),
        C("kind", "choice", "moving = already on the road, will arrive; promised = announced, still to be sent.", choices=("moving", "promised"), required=True, example="moving"),
        _ref("area_id", "To which area.", "AR-03", "areas", also=AREA),
        _ref("item_id", "The item.", "food_ration", "items", also=ITEM),
        C("quantity", "number", "Units.", unit="units of the item", required=True, example="2000", low=0, also=QUANTITY),
        C("date", "date", "Day on which it arrives, or by which it was promised.", required=True, example="2027-03-04"),
        C("waybill", "text", "Waybill number.", example="WB-2027-0031"),
        SOURCE,
    ), ("commitment_id",)),
    Table("hospitals", "Hospitals and clinics, as they function now.", (
        _ref("place_id", "The place.", "HOSP-1", "places"),
        C("functioning", "choice", "Does it work?", choices=("full", "partial", "none", "unknown"), example="partial"),
        C("beds", "number", "Functioning inpatient beds (staffed, supplied).", unit="beds", example="60", low=0),
        C("beds_free", "number", "Free beds at the hour of the report.", unit="beds", example="9", low=0),
        C("icu_beds", "number", "Functioning intensive-care beds.", unit="beds", example="4", low=0),
        C("theatres", "number", "Functioning operating theatres.", unit="theatres", example="2", low=0),
        C("major_operations_per_day", "number", "Major operations per day, if no minor ones are done.", unit="operations/day", example="7", low=0),
        C("minor_operations_per_day", "number", "Minor operations per day, if no major ones are done.", unit="operations/day", example="15", low=0),
        C("outpatients_per_day", "number", "Outpatients per day.", unit="people/day", example="120", low=0),
        C("specialties", "list", "What it can treat.", choices=SPECIALTIES[:-1], example="surgery maternity"),
        C("reported_at", "text", "Hour of the report (ISO date and time).", example="2027-03-02T18:00"),
        SENSITIVITY, SOURCE,
    ), ("place_id",), part="medical"),
    Table("hospital_days", "Capacity of a hospital that changes: a row holds from its day until the next one of the hospital.", (
        _ref("place_id", "The hospital.", "HOSP-1", "hospitals"),
        C("date", "date", "From this day on.", required=True, example="2027-03-04"),
        C("beds", "number", "Functioning beds.", unit="beds", example="80", low=0),
        C("theatres", "number", "Functioning theatres.", unit="theatres", example="2", low=0),
        SOURCE,
    ), ("place_id", "date"), part="medical"),
    Table("field_units", "Field hospitals and medical teams that can be sent; where they go is a proposal to the health authority.", (
        _id("unit_id", "Code of the unit.", "EMT-A"),
        C("type", "choice", "WHO type.", choices=("T1_mobile", "T1_fixed", "T2", "T3", "specialised"), example="T2", required=True),
        C("name", "text", "Name.", example="Emergency hospital"),
        _ref("place_id", "Where it waits or arrives.", "PORT-W", "places", required=False),
        C("available_from", "date", "First day it can move.", example="2027-03-04"),
        C("weight_t", "number", "Weight.", unit="t", example="30", low=0),
        C("volume_m3", "number", "Volume.", unit="m³", example="200", low=0),
        C("footprint_m2", "number", "Ground it needs.", unit="m²", example="6000", low=0),
        C("setup_days", "number", "Days to set it up.", unit="days", example="2", low=0),
        C("beds", "number", "Inpatient beds.", unit="beds", example="20", low=0),
        C("theatres", "number", "Operating theatres.", unit="theatres", example="1", low=0),
        C("major_operations_per_day", "number", "Major operations per day, if no minor ones are done.", unit="operations/day", example="7", low=0),
        C("minor_operations_per_day", "number", "Minor operations per day, if no major ones are done.", unit="operations/day", example="15", low=0),
        C("outpatients_per_day", "number", "Outpatients per day.", unit="people/day", example="100", low=0),
        C("specialties", "list", "What it can treat beside general care.", choices=SPECIALTIES[:-1], example="surgery maternity", default="by its type: T1 none; T2 surgery, orthopaedic, maternity, paediatric; T3 burns too; specialised unknown"),
        C("water_l_per_day", "number", "Water it needs.", unit="L/day", example="4000", low=0),
        C("fuel_l_per_day", "number", "Fuel it needs.", unit="L/day", example="300", low=0),
        C("minimum_stay_days", "number", "Shortest useful stay.", unit="days", example="21", low=0),
        SENSITIVITY, SOURCE,
    ), ("unit_id",), part="medical"),
    Table("candidate_sites", "Where a field hospital could stand.", (
        _ref("place_id", "The place.", "SITE-2", "places"),
        C("footprint_m2", "number", "Usable flat ground.", unit="m²", example="8000", low=0),
        C("access", "choice", "Heaviest vehicle that can reach it.", choices=PROFILES, example="truck"),
        SENSITIVITY, SOURCE,
    ), ("place_id",), part="medical"),
    Table("casualties", "People who need care, as counts; never names.", (
        _ref("area_id", "Where they are.", "AR-03", "areas"),
        C("date", "date", "Day on which they come up.", required=True, example="2027-03-02"),
        C("triage", "choice", "Triage class.", choices=TRIAGE, required=True, example="red"),
        C("specialty", "choice", "What they need.", choices=SPECIALTIES, required=True, example="surgery"),
        C("people", "number", "How many.", unit="people", required=True, example="42", low=0),
        C("people_low", "number", "Low end.", unit="people", example="30", low=0),
        C("people_high", "number", "High end.", unit="people", example="60", low=0),
        AS_OF, SENSITIVITY, SOURCE,
    ), ("area_id", "date", "triage", "specialty"), part="medical"),
    Table("evacuation_means", "Ambulances, buses and aircraft for patients. Ambulances never carry the dead.", (
        _id("means_id", "Code.", "AMB-1"),
        _ref("class_id", "Kind of vehicle.", "ambulance", "vehicle_classes", required=False),
        C("mode", "choice", "Road, air or sea.", choices=("road", "air", "sea"), example="road", required=True),
        _ref("place_id", "Home.", "HOSP-1", "places"),
        C("vehicles", "number", "How many.", unit="vehicles", required=True, example="4", low=0),
        C("seats", "whole", "Sitting patients each.", unit="seats", example="1", low=0),
        C("stretchers", "whole", "Lying patients each.", unit="stretchers", example="1", low=0),
        C("turnaround_h", "number", "Cleaning and hand-over per trip.", unit="h", example="0.5", low=0),
        C("hours_per_day", "number", "Hours of work per day.", unit="h/day", example="12", low=0, high=24),
        C("destination", "text", "Receiving place outside the network, if agreed.", example=""),
        C("permission_from", "date", "Day from which the receiving side agreed.", example="2027-03-05"),
        SOURCE,
    ), ("means_id",), part="medical"),
    Table("worksites", "Collapsed buildings where people or bodies may lie.", (
        _id("worksite_id", "INSARAG worksite code.", "C-6"),
        _ref("area_id", "The area.", "AR-01", "areas"),
        LATITUDE, LONGITUDE,
        C("triage", "choice", "INSARAG triage letter.", choices=("A", "B", "C", "D"), example="B"),
        C("scheme_year", "whole", "Edition of the letters.", example="2020", low=2010, high=2030),
        C("structure", "choice", "Construction.", choices=("wood", "masonry", "reinforced_concrete", "steel", "unknown"), example="reinforced_concrete"),
        C("void", "choice", "Size of voids.", choices=("big", "small", "unknown"), example="small"),
        C("confirmed_live", "number", "People confirmed alive inside.", unit="people", example="3", low=0),
        C("missing", "number", "People missing.", unit="people", example="12", low=0),
        C("dead", "number", "Dead inside, known.", unit="people", example="1", low=0),
        C("volume_m3", "number", "Debris.", unit="m³", example="1800", low=0),
        C("hazards", "list", "Hazards on site.", choices=("gas", "electricity", "asbestos", "unexploded", "collapse", "chemical"), example="gas"),
        C("last_contact", "date", "Last sign of life.", example="2027-03-02"),
        AS_OF, SENSITIVITY, SOURCE,
    ), ("worksite_id",), part="clearance"),
    Table("teams", "Search-and-rescue teams, road crews and disposal teams.", (
        _id("team_id", "Code.", "USAR-1"),
        C("kind", "choice", "What it is.", choices=("usar_light", "usar_medium", "usar_heavy", "road_crew", "explosive_disposal", "recovery"), required=True, example="usar_medium"),
        _ref("place_id", "Base.", "BASE-1", "places", required=False),
        C("available_from", "date", "First day at work.", example="2027-03-03"),
        C("until", "date", "Last day it can sustain itself.", example="2027-03-10"),
        C("hours_per_day", "number", "Hours of work per day.", unit="h/day", example="24", low=0, high=24),
        C("staff", "whole", "People.", unit="people", example="40", low=0),
        C("sites_at_once", "whole", "Worksites it can work at the same time.", example="1", low=1, high=4),
        SOURCE,
    ), ("team_id",), part="clearance"),
    Table("machines", "Excavators, loaders, tippers, bridges.", (
        _id("machine_id", "Code.", "EX-3"),
        C("kind", "choice", "What it is.", choices=("excavator", "wheel_loader", "bulldozer", "tipper", "crane", "bridge_set", "generator"), required=True, example="excavator"),
        _ref("place_id", "Where it stands.", "BASE-1", "places", required=False),
        C("count", "number", "How many.", unit="machines", example="2", low=0),
        C("rate_m3_per_h", "number", "Loose material it moves.", unit="m³/h", example="35", low=0),
        C("available_from", "date", "First day.", example="2027-03-03"),
        C("fuel_l_per_day", "number", "Fuel.", unit="L/day", example="180", low=0),
        SOURCE,
    ), ("machine_id",), part="clearance"),
    Table("hazards", "Known or suspected hazards on areas, segments or sites.", (
        _id("hazard_id", "Code.", "HZ-1"),
        C("kind", "choice", "What it is.", choices=("unexploded", "aftershock", "flood", "landslide", "gas", "chemical", "electricity", "insecurity"), required=True, example="landslide"),
        _ref("area_id", "Area.", "AR-03", "areas", required=False),
        _ref("segment_id", "Road segment.", "R-114", "road_segments", required=False),
        C("status", "choice", "What is known.", choices=("unknown", "assessed_clear", "suspected", "confirmed"), example="suspected"),
        C("from_date", "date", "From.", example="2027-03-02"),
        C("until", "date", "Until.", example="2027-03-09"),
        SENSITIVITY, SOURCE,
    ), ("hazard_id",), part="clearance"),
    Table("sources", "Where figures come from.", (
        _id("source_id", "Code.", "S1", also=("source", "fuente")),
        C("title", "text", "Title.", example="Situation report 4"),
        C("organisation", "text", "Who published it.", example="NDMA"),
        C("published", "date", "When.", example="2027-03-02"),
        C("url", "text", "Where.", example=""),
        C("method", "choice", "How the figure was made.", choices=("census", "registration", "household_survey", "key_informant", "remote_sensing", "model", "media", "synthetic"), example="key_informant"),
        C("reliability", "choice", "Reliability of the source, A best; F cannot be judged.", choices=("A", "B", "C", "D", "E", "F"), example="B"),
        C("credibility", "choice", "Credibility of the information, 1 best; 6 cannot be judged.", choices=("1", "2", "3", "4", "5", "6"), example="2"),
    ), ("source_id",), part="evidence", also=("fuentes",)),
    Table("reports", "Single figures as they were reported; kept for ever.", (
        _id("report_id", "Number.", "RP-88"),
        C("table", "text", "Table that it feeds.", required=True, example="population"),
        C("entity_id", "text", "Key of the row, parts joined by '|'.", required=True, example="AR-03"),
        C("quantity", "text", "Column that it feeds.", required=True, example="people"),
        C("value", "number", "Value.", example="14200"),
        C("value_low", "number", "Low end.", example="12000"),
        C("value_high", "number", "High end.", example="16000"),
        C("unit", "text", "Unit.", example="people"),
        C("definition", "text", "What exactly was counted.", example="people present, displaced included"),
        AS_OF,
        C("published", "date", "When published.", example="2027-03-02"),
        C("received", "date", "When received here.", example="2027-03-03"),
        SENSITIVITY, SOURCE,
    ), ("report_id",), part="evidence"),
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
