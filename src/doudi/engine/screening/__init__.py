"""Screening (比对预警): which households people should look at, and why. The verb is `screen`."""

from doudi.engine.screening.alert import Alert, load_alerts
from doudi.engine.screening.screen import Hits, Screened, screen
from doudi.engine.screening.sentence import reason

__all__ = ["Alert", "Hits", "Screened", "load_alerts", "reason", "screen"]
