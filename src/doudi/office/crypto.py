"""Fields that the database stores encrypted, and the keyed hashes by which they are found.

AES-256-GCM with a fresh nonce for each value; the key's id stands in front so that keys can be changed; table and
column are authenticated with it, so a value moved to another column does not open. The keys lie outside the database.
"""

import base64
import binascii
import hmac
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring

_NONCE_BYTES = 12


class CryptoError(DoudiError):
    """A stored secret does not open: another key, another column, or altered bytes."""

    code: ClassVar[str] = "DD-CRYPTO-001"


def keyring() -> Keyring:
    """The keyring of this office, read once per file."""
    return _load(settings.DOUDI_KEYS)


@lru_cache(maxsize=4)
def _load(path: Path) -> Keyring:
    return Keyring.load(path)


@lru_cache(maxsize=16)
def _cipher(material: bytes) -> AESGCM:
    """The cipher of one key, made once: a night encrypts tens of thousands of values."""
    return AESGCM(material)


def encrypt(ring: Keyring, text: str, purpose: str) -> str:
    """Encrypt a text for one purpose, for example a table's column."""
    secret, nonce = ring.secret("field"), os.urandom(_NONCE_BYTES)
    closed = _cipher(secret.material).encrypt(nonce, text.encode("utf-8"), purpose.encode("utf-8"))
    return f"{secret.key_id}:{base64.b64encode(nonce + closed).decode('ascii')}"


def decrypt(ring: Keyring, stored: str, purpose: str) -> str:
    """Open what `encrypt` wrote for the same purpose."""
    key_id, colon, body = stored.partition(":")
    try:
        if not colon:
            raise ValueError
        raw = base64.b64decode(body, validate=True)
        cipher = _cipher(ring.secret("field", key_id).material)
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode("utf-8")).decode("utf-8")
    except (InvalidTag, ValueError, binascii.Error):
        raise CryptoError("an encrypted value does not open.", advice="Check the keyring.", where=purpose) from None


def encrypt_bytes(ring: Keyring, content: bytes, purpose: str) -> bytes:
    """Encrypt bytes for one purpose, for example a table's column: the key's name, a nonce, and what is closed."""
    secret, nonce = ring.secret("field"), os.urandom(_NONCE_BYTES)
    closed = _cipher(secret.material).encrypt(nonce, content, purpose.encode("utf-8"))
    return secret.key_id.encode("ascii") + b":" + nonce + closed


def decrypt_bytes(ring: Keyring, stored: bytes, purpose: str) -> bytes:
    """Open what `encrypt_bytes` wrote for the same purpose."""
    key_id, colon, raw = stored.partition(b":")
    try:
        if not colon:
            raise ValueError
        cipher = _cipher(ring.secret("field", key_id.decode("ascii")).material)
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode("utf-8"))
    except (InvalidTag, ValueError):
        raise CryptoError("an encrypted value does not open.", advice="Check the keyring.", where=purpose) from None


def blind_index(ring: Keyring, text: str) -> str:
    """A keyed hash by which an encrypted value is found and kept unique. Normalise the text before."""
    return hmac.digest(ring.secret("blind_index").material, text.encode("utf-8"), "sha256").hex()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # generic only in the stubs, not at run time
    """A text that the database never sees. Empty stays empty, so that "not given" can be asked for without the key.

    Two encryptions of one text differ, therefore no lookup but `isnull` and `exact ""` makes sense; search by a
    blind index.
    """

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return text if text in (None, "") else encrypt(keyring(), text, self._purpose)

    def from_db_value(self, value: str | None, expression: Any, connection: BaseDatabaseWrapper) -> str | None:
        return value if value in (None, "") else decrypt(keyring(), value, self._purpose)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        if lookup_name == "exact":
            return _OnlyEmpty
        raise FieldError(f"{self.name} is encrypted and can't be compared by {lookup_name}; use its blind index")

    @property
    def _purpose(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"


class _OnlyEmpty(models.lookups.Exact):
    """Equality with the empty text, the one value that is stored as it is."""

    def get_prep_lookup(self) -> Any:
        if self.rhs != "":
            raise FieldError("an encrypted field can only be compared with the empty text; use its blind index")
        return self.rhs


class EncryptedBytesField(models.BinaryField):  # type: ignore[type-arg]  # generic only in the stubs, not at run time
    """Bytes that the database never sees, such as a photographed paper. Empty stays empty."""

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        closed = encrypt_bytes(keyring(), bytes(value), self._purpose) if value else value
        return super().get_db_prep_value(closed, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> bytes | None:
        return None if value is None else decrypt_bytes(keyring(), bytes(value), self._purpose) if value else b""

    def get_lookup(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is encrypted and can't be compared by {lookup_name}")

    @property
    def _purpose(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"
