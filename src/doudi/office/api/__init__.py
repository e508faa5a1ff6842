"""The office for programs: the same acts and reads as on the desk, the same rights, one file for each resource."""
