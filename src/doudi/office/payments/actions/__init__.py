"""Writes to the tables of money, by the thing they are about. Each leaves its audit row in the same transaction."""
