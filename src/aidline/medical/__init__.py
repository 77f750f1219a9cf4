"""Who is treated where and when, and where field hospitals could stand."""
