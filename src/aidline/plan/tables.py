"""Every table of a plan. Results only: nothing here is ever written into a situation.

`day` counts from the start date of the situation (0 = first day). Quantities are in units
of the item. Shares lie between 0 and 1.
"""

from __future__ import annotations

from aidline.situation.schema import Column as C
from aidline.situation.schema import Table
from aidline.situation.tables import SPECIALTIES, TRIAGE

TASKS = ("assess", "single_lane", "full", "search", "rescue", "recover")

CARE_LIMITS = ("beds", "theatre", "outpatients", "leaving", "vehicles", "no_facility", "no_way")

# fmt: off
DAY = C("day", "whole", "Day of the plan, 0 = first day.", unit="day", required=True, example="2", low=0)
ITEM = C("item_id", "id", "The item.", required=True, example="food_ration")
QUANTITY = C("quantity", "number", "Units of the item.", unit="units", required=True, example="1200", low=0)
FROM = C("from_id", "id", "Place where it is loaded.", required=True, example="WH-NORTH")
CLASS = C("class_id", "id", "Class of truck.", required=True, example="truck_10t")
LOT = C("lot_id", "id", "Lot or shipment line it comes from.", required=True, example="LOT-0007")
AREA = C("area_id", "id", "The area.", required=True, example="AR-03")

PLAN_TABLES: tuple[Table, ...] = (
    Table("trips", "Truck trips by leg, class and day. A leg runs from a place to an area or to a trans-shipment hub.", (
        DAY, FROM,
        C("to_id", "id", "Area or hub where it is unloaded.", required=True, example="AR-03"),
        CLASS,
        C("base_id", "id", "Home of the fleet that runs it.", required=True, example="WH-NORTH"),
        C("trips", "number", "Round trips that leave on this day.", unit="trips", required=True, example="3", low=0),
        C("hours_per_trip", "number", "Truck-hours of one round trip with loading and unloading.", unit="h", required=True, example="9.5", low=0),
        C("arrive_day", "whole", "Day on which the load is handed over.", unit="day", required=True, example="2"),
        C("load_t", "number", "Weight carried by all of them.", unit="t", required=True, example="28.4", low=0),
        C("load_m3", "number", "Volume carried by all of them.", unit="m³", required=True, example="96", low=0),
    ), ("day", "from_id", "to_id", "class_id")),
    Table("loads", "What the trips carry: one row per leg, class, day and item.", (
        DAY, FROM,
        C("to_id", "id", "Area or hub where it is unloaded.", required=True, example="AR-03"),
        CLASS, ITEM, QUANTITY,
    ), ("day", "from_id", "to_id", "class_id", "item_id")),
    Table("deliveries", "What reaches an area: from which place, when it left, when it is handed over.", (
        DAY, FROM,
        C("via_id", "id", "Hub where it changes trucks; empty = direct.", example="HUB-1"),
        AREA, ITEM,
        LOT,
        QUANTITY,
        C("arrive_day", "whole", "Day on which it is handed over.", unit="day", required=True, example="2"),
    ), ("day", "from_id", "via_id", "area_id", "item_id", "lot_id")),
    Table("transfers", "What goes from a crossing or port to a warehouse.", (
        DAY, FROM,
        C("to_id", "id", "The warehouse.", required=True, example="WH-NORTH"),
        ITEM, LOT, QUANTITY,
        C("arrive_day", "whole", "First day on which it can be loaded there.", unit="day", required=True, example="3"),
    ), ("day", "from_id", "to_id", "item_id", "lot_id")),
    Table("uses", "How what is in an area is used: which need it meets on which day.", (
        DAY, AREA, ITEM,
        C("from_item_id", "id", "The item that is used: the same, a substitute, or a kit.", required=True, example="food_ration"),
        C("quantity", "number", "Units of the need that it meets.", unit="units", required=True, example="1100", low=0),
    ), ("area_id", "item_id", "day", "from_item_id")),
    Table("coverage", "Need met and unmet, by area, item and day. For once-needed items: still waiting at the end of the day.", (
        AREA, ITEM, DAY,
        C("people", "number", "People in need of it.", unit="people", example="9800", low=0),
        C("need", "number", "Need of the day; for once-needed items all that has come up so far.", unit="units", required=True, example="9800", low=0),
        C("met", "number", "Met on the day; for once-needed items met so far.", unit="units", required=True, example="7000", low=0),
        C("share", "number", "met / need.", unit="share", required=True, example="0.71", low=0, high=1),
        C("basis", "choice", "Where the need comes from.", choices=("reported", "standard", "floor"), required=True, example="reported"),
    ), ("area_id", "item_id", "day")),
    Table("fairness", "Coverage of each area and need group over the whole plan.", (
        AREA,
        C("need_group", "id", "Group of needs.", required=True, example="food"),
        C("person_days", "number", "Need of the whole plan in person-days.", unit="person-days", required=True, example="98000", low=0),
        C("share", "number", "Share of it that is met.", unit="share", required=True, example="0.64", low=0, high=1),
        C("reachable", "yes_no", "Can any truck reach it on any day, or does it hold stock?", required=True, example="yes"),
        C("floor", "number", "Share that every reachable area and group is assured of, null where fairness has no exact level.", unit="share", example="0.41"),
    ), ("area_id", "need_group")),
    Table("stocks", "Stock of each place and item at the end of each day.", (
        DAY,
        C("place_id", "id", "The place.", required=True, example="WH-NORTH"),
        ITEM, QUANTITY,
    ), ("place_id", "item_id", "day")),
    Table("usage", "How much of each limited thing is used, by day.", (
        C("resource", "choice", "Kind.", choices=("crossing_slots", "truck_hours", "stock", "convoy", "storage"), required=True, example="crossing_slots"),
        C("at_id", "id", "Place or area.", required=True, example="PORT-W"),
        C("of_id", "id", "Truck class or item, empty for slots.", example="truck_10t"),
        DAY,
        C("limit", "number", "What there is.", unit="as the resource", required=True, example="40"),
        C("used", "number", "What the plan uses.", unit="as the resource", required=True, example="40"),
        C("price", "number", "Value of one more unit, in the plan's weighted person-days (from the bound's prices).", unit="weighted person-days/unit", example="310"),
    ), ("resource", "at_id", "of_id", "day")),
    Table("reasons", "Why a need is not fully met: one row per area, item and limiting resource, in order.", (
        AREA, ITEM,
        C("rank", "whole", "1 = the first thing that limits it.", required=True, example="1"),
        C("cause", "choice", "Kind of limit.", choices=("unreachable", "crossing_slots", "truck_hours", "stock", "convoy", "expiry", "promise", "fairness", "too_late"), required=True, example="crossing_slots"),
        C("at_id", "id", "Where.", example="PORT-W"),
        C("of_id", "id", "Truck class, item or road segment.", example="truck_10t"),
        C("first_day", "whole", "First day on which it limits.", unit="day", example="2"),
        C("last_day", "whole", "Last day on which it limits.", unit="day", example="4"),
        C("unmet", "number", "Person-days of this item not met here.", unit="person-days", required=True, example="4200"),
        C("gain", "number", "People-days gained over the plan by one more unit of it (re-solved where `resolved`).", unit="weighted person-days/unit", example="310"),
        C("text", "text", "The reason as a sentence (English).", required=True, example="Limited by the slots of Port West on days 2-4."),
    ), ("area_id", "item_id", "rank")),
    Table("bottlenecks", "What one more unit of each limited thing gives, largest first.", (
        C("resource", "choice", "Kind.", choices=("crossing_slots", "truck_hours", "trucks", "stock", "convoy", "storage"), required=True, example="crossing_slots"),
        C("at_id", "id", "Where.", required=True, example="PORT-W"),
        C("of_id", "id", "Truck class or item.", example="truck_10t"),
        C("first_day", "whole", "First day.", unit="day", example="0"),
        C("last_day", "whole", "Last day.", unit="day", example="6"),
        C("unit", "text", "What one unit is.", required=True, example="one more truck slot on each of these days"),
        C("gain_up", "number", "Person-days gained by one more unit.", unit="weighted person-days", example="310"),
        C("loss_down", "number", "Person-days lost by one unit less.", unit="weighted person-days", example="322"),
        C("valid_up", "number", "Units over which the gain was found to hold.", unit="units", example="4"),
        C("resolved", "yes_no", "True = found by re-solving; false = from prices.", required=True, example="yes"),
    ), ("resource", "at_id", "of_id", "first_day")),
    Table("unreachable", "Areas that no truck reaches, with what cuts them off.", (
        AREA,
        C("from_day", "whole", "First day cut off.", unit="day", required=True, example="0"),
        C("to_day", "whole", "Last day cut off.", unit="day", required=True, example="13"),
        C("people", "number", "People there.", unit="people", example="2100"),
        C("segments", "list", "Closed segments on its best way in.", example="R-114 R-120"),
        C("text", "text", "In words (English).", required=True, example="Cut off by R-114 (landslide)."),
    ), ("area_id", "from_day")),
    Table("tasks", "What teams do, task by task. Times are days since the start of the plan: 1.5 = the middle of the working hours of the second day.", (
        C("task_id", "id", "Number.", required=True, example="B-07:single_lane"),
        C("kind", "choice", "What is done.", choices=TASKS, required=True, example="single_lane"),
        C("team_id", "id", "Team.", required=True, example="CREW-1"),
        C("at_id", "id", "Blockage or worksite.", required=True, example="B-07"),
        C("leave", "number", "When the team sets out.", unit="days", required=True, example="0.5", low=0),
        C("travel_h", "number", "Hours of travel to it.", unit="h", required=True, example="1.5", low=0),
        C("start", "number", "When the work begins.", unit="days", required=True, example="0.65", low=0),
        C("finish", "number", "When the work is done.", unit="days", required=True, example="2.65", low=0),
        C("finish_low", "number", "When it is done if all work is quicker than thought.", unit="days", example="2.1", low=0),
        C("finish_high", "number", "When it is done if all work is slower than thought.", unit="days", example="3.9", low=0),
        C("work_team_days", "number", "Work: days of one team.", unit="team-days", required=True, example="2", low=0),
    ), ("task_id", "team_id")),
    Table("rescues", "Worksites where people may lie: who works there first, and how many may be found alive. Each worksite stands here.", (
        C("worksite_id", "id", "The worksite.", required=True, example="C-6"),
        C("triage", "choice", "INSARAG triage letter in the sense of 2020; empty = unknown.", choices=("A", "B", "C", "D"), example="B"),
        C("team_id", "id", "Team that searches and rescues, or recovers the dead; empty = none within reach yet.", example="USAR-1"),
        C("start", "number", "When its work begins.", unit="days", example="0.65", low=0),
        C("finish", "number", "When it is done.", unit="days", example="1.4", low=0),
        C("alive_low", "number", "People expected to be found alive, low end.", unit="people", example="1.9", low=0),
        C("alive_mid", "number", "People expected to be found alive.", unit="people", example="2.4", low=0),
        C("alive_high", "number", "People expected to be found alive, high end.", unit="people", example="3.1", low=0),
        C("missing", "number", "People missing, as reported.", unit="people", example="12", low=0),
        C("text", "text", "In words (English).", required=True, example="USAR-1 gets 2 people out who are confirmed alive: day 0.7 to 1.4."),
    ), ("worksite_id",)),
    Table("road_openings", "Roads that the plan opens, and from when traffic may use them: the day after the work is done.", (
        C("segment_id", "id", "Road segment.", required=True, example="R-114"),
        C("grade", "choice", "How far it is opened.", choices=("single_lane", "full"), required=True, example="single_lane"),
        DAY,
        C("speed_factor", "number", "Speed against the undamaged road.", required=True, example="0.5", low=0.01, high=1),
    ), ("segment_id", "grade")),
    Table("baselines", "The same situation planned in other ways, and what each gives; the plan is the row `chosen`.", (
        C("name", "choice", "How it was planned.", choices=("no_clearing", "traffic_order", "need_order", "clear_first", "joint"), required=True, example="need_order"),
        C("value", "number", "Value by the verifier (weighted person-days of unmet need; smaller is better).", unit="weighted person-days", required=True, example="1960739"),
        C("gap", "number", "How much better this one could still become, as a share, with its own openings.", unit="share", example="0.004"),
        C("minimum_coverage", "number", "Lowest share of a reachable area and need group.", unit="share", example="0.41"),
        C("unreachable_areas", "whole", "Areas that no truck reaches on any day.", unit="areas", example="1"),
        C("chosen", "yes_no", "Is it this plan?", required=True, example="yes"),
        C("text", "text", "Against the chosen one, in words; 'not distinguishable' where the difference is below the gap.", required=True, example="4.6 % more unmet need than the plan"),
    ), ("name",)),
    Table("field_sites", "Which field hospital or clinic could stand where, and from when: a proposal to the health authority, which decides.", (
        C("unit_id", "id", "The unit.", required=True, example="EMT-A"),
        C("place_id", "id", "The site.", required=True, example="SITE-1"),
        C("leave_day", "whole", "Day on which its freight leaves.", unit="day", required=True, example="3", low=0),
        C("open_day", "whole", "First day on which it can treat people.", unit="day", required=True, example="6", low=0),
        C("last_day", "whole", "Last day of its stay; it may lie after the plan.", required=True, example="26", low=0),
        C("text", "text", "The proposal in words (English).", required=True, example="Proposal to the health authority: Emergency hospital (EMT-A) at SITE-1 from day 6."),
    ), ("unit_id",)),
    Table("care", "Who is treated where, from which day, and who brings them: counts of people, never names.", (
        AREA,
        C("triage", "choice", "Triage class.", choices=TRIAGE, required=True, example="red"),
        C("specialty", "choice", "What they need.", choices=SPECIALTIES, required=True, example="surgery"),
        C("came_day", "whole", "Day on which they came up; negative = before the plan.", required=True, example="-2"),
        C("day", "whole", "Day on which treatment starts.", unit="day", required=True, example="0", low=0),
        C("place_id", "id", "Hospital or site where they are treated; null = outside the network.", example="HOSP-1"),
        C("unit_id", "id", "Field unit that treats them there; null = the hospital itself.", example="EMT-A"),
        C("destination", "text", "Receiving place outside the network.", example="Mainland hospital ship"),
        C("means_id", "id", "Ambulance, bus or aircraft that brings them there; null = treated where they are, they come by themselves.", example="AMB-1"),
        C("onward_id", "id", "Means by which they then leave the network.", example="SHIP-1"),
        C("people", "number", "How many.", unit="people", required=True, example="12", low=0),
    ), ("area_id", "triage", "specialty", "came_day", "day", "place_id", "unit_id", "destination", "means_id", "onward_id")),
    Table("waiting", "People who still wait for care at the end of a day.", (
        AREA,
        C("triage", "choice", "Triage class.", choices=TRIAGE, required=True, example="yellow"),
        C("specialty", "choice", "What they need.", choices=SPECIALTIES, required=True, example="orthopaedic"),
        DAY,
        C("people", "number", "People still waiting.", unit="people", required=True, example="31", low=0),
    ), ("area_id", "triage", "specialty", "day")),
    Table("facility_days", "Hospitals and field units by day: what is used, and what there is; null where nobody said what there is.", (
        C("place_id", "id", "Hospital or site.", required=True, example="HOSP-1"),
        C("unit_id", "id", "Field unit; null = the hospital itself.", example="EMT-A"),
        DAY,
        C("beds", "number", "Beds for the people of this plan.", unit="beds", example="94", low=0),
        C("beds_used", "number", "Beds that they hold.", unit="beds", required=True, example="94", low=0),
        C("major_operations", "number", "Major operations.", unit="operations", required=True, example="9", low=0),
        C("major_limit", "number", "Major operations, if no minor ones are done.", unit="operations", example="18", low=0),
        C("minor_operations", "number", "Minor operations.", unit="operations", required=True, example="19", low=0),
        C("minor_limit", "number", "Minor operations, if no major ones are done.", unit="operations", example="38", low=0),
        C("outpatients", "number", "Outpatients.", unit="people", required=True, example="400", low=0),
        C("outpatients_limit", "number", "Outpatients that can be seen.", unit="people", example="400", low=0),
    ), ("place_id", "unit_id", "day")),
    Table("care_reasons", "Why people wait for care, by area, the largest part first.", (
        AREA,
        C("cause", "choice", "Kind of limit.", choices=CARE_LIMITS, required=True, example="beds"),
        C("at_id", "id", "Place, unit or means.", example="HOSP-1"),
        C("waiting_days", "number", "Days of waiting of all people that it explains.", unit="person-days", required=True, example="320", low=0),
        C("waiting_at_end", "number", "People of them who still wait after the last day.", unit="people", required=True, example="12", low=0),
        C("text", "text", "In words (English).", required=True, example="Waits for the beds of Ellery hospital."),
    ), ("area_id", "cause", "at_id")),
    Table("defaults_used", "Every default that the plan rests on, with its source and status.", (
        C("default_id", "id", "Code.", required=True, example="truck.hours_per_day"),
        C("value", "text", "Value.", required=True, example="10"),
        C("unit", "text", "Unit.", example="h/day"),
        C("status", "choice", "How sure it is.", choices=("found", "second_hand", "recalled", "assumption", "derived"), required=True, example="assumption"),
        C("source", "text", "Source, edition, section.", example="Logistics Operational Guide"),
        C("used_for", "text", "What it was used for.", example="fleets F1, F2"),
        C("count", "whole", "In how many places.", example="2"),
    ), ("default_id",)),
    Table("prices", "The certificate of the bound: the price of each limited thing on each day.", (
        C("row", "whole", "Index of the coupling row.", required=True, example="17"),
        C("price", "number", "Price, in the objective per unit.", required=True, example="0.31", low=0),
    ), ("row",)),
)

# fmt: on
PLAN_BY_NAME: dict[str, Table] = {table.name: table for table in PLAN_TABLES}
