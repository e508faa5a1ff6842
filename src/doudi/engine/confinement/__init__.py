"""Processes that read what strangers send: without rights, network and paths, and with few libraries."""
