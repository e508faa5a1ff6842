"""The registry: people and households that the office has met or that a finding speaks of."""
