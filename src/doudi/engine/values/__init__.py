"""The small words of the trade: money, days, divisions, identity numbers, keys. Nothing here knows of a programme."""
