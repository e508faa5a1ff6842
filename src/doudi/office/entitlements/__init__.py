"""Entitlements (待遇): what a household may receive, month by month, because somebody decided so."""
