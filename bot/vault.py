"""Tokens of platforms, sealed before they are written down."""

import base64
import os
from typing import TYPE_CHECKING

from bot.errors import ConfigError

if TYPE_CHECKING:  # importing it takes some 50 ms
    from cryptography.fernet import Fernet

SALT_BYTES = 16
_N, _R, _P = 2**14, 8, 1  # RFC 7914, section 2: for interactive use; 16 MB, some 50 ms
_KEY_BYTES = 32


class Vault:
    """Seals tokens with a key that is derived from ELLIE_SECRET_KEY.

    What is sealed is a random salt and a Fernet token (AES-128-CBC and HMAC-SHA256); its key comes
    of the secret and the salt by scrypt, so that a secret that people chose serves too.
    """

    def __init__(self, secret: str | None) -> None:
        self._secret = secret

    def seal(self, token: str) -> bytes:
        """The token, encrypted; another time, it is sealed otherwise. Raises ConfigError."""
        salt = os.urandom(SALT_BYTES)
        sealed: bytes = self._fernet(salt).encrypt(token.encode())
        return salt + sealed

    def open(self, sealed: bytes) -> str:
        """The token that was sealed. Raises ConfigError."""
        fernet = self._fernet(sealed[:SALT_BYTES])
        from cryptography.fernet import InvalidToken

        try:
            opened: bytes = fernet.decrypt(sealed[SALT_BYTES:])
        except InvalidToken:
            raise ConfigError(
                "A token in the database was sealed with another ELLIE_SECRET_KEY than this one: "
                "set that one again, or install Ellie there anew."
            ) from None
        return opened.decode()

    def _fernet(self, salt: bytes) -> "Fernet":
        if self._secret is None:
            raise ConfigError("To keep a platform's token, Ellie needs ELLIE_SECRET_KEY set.")
        try:  # imported here: only who keeps tokens waits for it
            from cryptography.fernet import Fernet
            from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
        except ImportError:
            raise ConfigError(
                "To keep a platform's token, Ellie needs the package cryptography."
            ) from None
        secret = self._secret.encode()
        key = Scrypt(salt=salt, length=_KEY_BYTES, n=_N, r=_R, p=_P).derive(secret)
        return Fernet(base64.urlsafe_b64encode(key))
