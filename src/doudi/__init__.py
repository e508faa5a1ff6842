"""Doudi 兜底."""
