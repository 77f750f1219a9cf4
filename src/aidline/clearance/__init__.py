"""Which team clears what and when: roads, and worksites where people may lie."""
