"""Rules: the formula language, its two executors and the explanation. The verb is `assess`."""
