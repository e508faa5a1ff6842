"""Writes of casework, by the thing they change. Each leaves its audit row in the same transaction."""
