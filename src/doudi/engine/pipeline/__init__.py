"""The whole night from top to bottom, and one family at the counter: the stages in their order."""
