"""The engine: department extracts in, findings out. Pure Python: no Django, no network, no clock."""
