"""One module for each room of the office."""
