"""Digests of whole columns."""

import hashlib

import polars as pl

_KEYS_AT_A_TIME = 262_144


def digest_of_texts(*columns: pl.Series) -> str:
    """One digest of some columns of texts; null differs from the empty text."""
    digest = hashlib.sha256()
    for texts in columns:
        digest.update(f"{len(texts)}\n".encode())
        for start in range(0, len(texts), _KEYS_AT_A_TIME):
            piece = texts.slice(start, _KEYS_AT_A_TIME).cast(pl.String)
            told = ("=" + piece).fill_null("-")
            digest.update(str(told.str.join("\n").item()).encode())
            digest.update(b"\n")
    return digest.hexdigest()
