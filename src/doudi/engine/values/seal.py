"""Seals 封存: AES-256-GCM in chunks, so that files larger than memory can be sealed and opened.

Layout: magic, key id, salt, then chunks, each preceded by its length. Every seal has its own key, derived from the
keyring's, the salt and the purpose, so the chunk number alone makes a safe nonce. The last chunk is marked inside the
nonce: a seal cut short, lengthened or reordered does not open.
"""

import io
import os
from typing import BinaryIO, ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring, KeyringError

_MAGIC = b"DDSEAL1"
_SALT_BYTES = 32
_TAG_BYTES = 16
_CHUNK_BYTES = 1 << 20
_LONGEST_KEY_ID = 32


class SealError(DoudiError):
    """A seal does not open: another key, another purpose, or altered bytes."""

    code: ClassVar[str] = "DD-SEAL-001"


def seal(keyring: Keyring, data: bytes, purpose: str) -> bytes:
    """Seal bytes for one purpose."""
    target = io.BytesIO()
    seal_stream(keyring, io.BytesIO(data), target, purpose)
    return target.getvalue()


def unseal(keyring: Keyring, data: bytes, purpose: str) -> bytes:
    """Open a seal. Raises SealError unless key, purpose and every bit are right."""
    target = io.BytesIO()
    unseal_stream(keyring, io.BytesIO(data), target, purpose)
    return target.getvalue()


def seal_stream(keyring: Keyring, source: BinaryIO, target: BinaryIO, purpose: str) -> None:
    """Seal what `source` holds, a mebibyte at a time."""
    secret, salt = keyring.secret("seal"), os.urandom(_SALT_BYTES)
    key_id = secret.key_id.encode("ascii")
    header = _MAGIC + bytes([len(key_id)]) + key_id + salt
    target.write(header)
    cipher, number = _cipher(secret.material, salt, purpose), 0
    chunk = source.read(_CHUNK_BYTES)
    while True:
        following = source.read(_CHUNK_BYTES) if chunk else b""
        closed = cipher.encrypt(_nonce(number, is_last=not following), chunk, header)
        target.write(len(closed).to_bytes(4, "big") + closed)
        if not following:
            return
        chunk, number = following, number + 1


def unseal_stream(keyring: Keyring, source: BinaryIO, target: BinaryIO, purpose: str) -> None:
    """Open a seal a mebibyte at a time. What was written must be thrown away if this raises."""
    header = source.read(len(_MAGIC) + 1)
    if len(header) != len(_MAGIC) + 1 or header[: len(_MAGIC)] != _MAGIC or header[-1] > _LONGEST_KEY_ID:
        raise _broken()
    rest = source.read(header[-1] + _SALT_BYTES)
    if len(rest) != header[-1] + _SALT_BYTES:
        raise _broken()
    try:
        key_id = rest[: header[-1]].decode("ascii")
    except UnicodeDecodeError:
        raise _broken() from None
    header += rest
    try:
        secret = keyring.secret("seal", key_id)
    except KeyringError:
        raise _broken() from None
    cipher, number = _cipher(secret.material, rest[-_SALT_BYTES:], purpose), 0
    closed = _next_chunk(source)
    while closed is not None:
        following = _next_chunk(source)
        try:
            target.write(cipher.decrypt(_nonce(number, is_last=following is None), closed, header))
        except InvalidTag:
            raise _broken() from None
        closed, number = following, number + 1
    if number == 0:
        raise _broken()


def _cipher(material: bytes, salt: bytes, purpose: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"doudi seal\0" + purpose.encode()).derive(material))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if is_last else b"\0")


def _next_chunk(source: BinaryIO) -> bytes | None:
    length_bytes = source.read(4)
    if not length_bytes:
        return None
    length = int.from_bytes(length_bytes, "big")
    if len(length_bytes) != 4 or not _TAG_BYTES <= length <= _CHUNK_BYTES + _TAG_BYTES:
        raise _broken()
    closed = source.read(length)
    if len(closed) != length:
        raise _broken()
    return closed


def _broken() -> SealError:
    return SealError(
        "the seal does not open: the key or the purpose is another one, or its bytes were altered.",
        advice="Check which keyring it was sealed with; restore the file from its backup.",
    )
