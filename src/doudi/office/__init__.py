"""The office: what people at desks and doors record and decide (Django)."""
