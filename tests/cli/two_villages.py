"""Two villages and a warehouse as the files of a situation."""

from __future__ import annotations

TABLES = {
    "situation.toml": 'name = "Two villages"\nstart_date = 2027-03-01\ndays = 3\n',
    "areas.csv": "area_id,name,latitude,longitude\nA1,Hill,1.0,1.0\nA2,Bay,1.1,1.1\n",
    "population.csv": "area_id,people\nA1,500\nA2,900\n",
    "items.csv": (
        "item_id,name,need_group,kind,unit,weight_kg,volume_m3\n"
        "ration,Ration,food,daily,ration,0.6,0.001\n"
    ),
    "needs.csv": "area_id,item_id,people,quantity\nA1,ration,500,500\nA2,ration,900,900\n",
    "places.csv": "place_id,name,kind,latitude,longitude\nWH,Warehouse,depot,1.05,1.05\n",
    "stock.csv": "lot_id,place_id,item_id,quantity\nL1,WH,ration,3000\n",
    "vehicle_classes.csv": "class_id,profile,payload_t,volume_m3\nT,truck,5,20\n",
    "fleets.csv": "fleet_id,place_id,class_id,vehicles,hours_per_day\nF1,WH,T,2,10\n",
    "travel_times.csv": "from_id,to_id,travel_h\nWH,A1,1\nWH,A2,2\n",
}
"""1,400 people need a ration each per day for three days; 3,000 rations are there."""
