"""The keys of all secrets: the first encrypts, all decrypt."""

import re
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken


class SecretsUnreadable(Exception):  # noqa: N818 - it reads as what it says
    """Secrets cannot be encrypted or decrypted; the message says what an administrator can do."""


class Keys:
    """One key, and those that it replaces."""

    def __init__(self, fernets: Sequence[Fernet]) -> None:
        self._fernets = fernets

    @classmethod
    def of(cls, text: str, where: str) -> "Keys":
        """Keys that white space or commas separate. Raises SecretsUnreadable, naming `where` they are."""
        try:
            return cls([Fernet(key) for key in re.split(r"[\s,]+", text.strip())])
        except ValueError:
            raise SecretsUnreadable(
                f"The key of all secrets, {where}, is no key: it is 32 random bytes in URL-safe base64"
            ) from None

    def __len__(self) -> int:
        return len(self._fernets)

    def encrypt(self, content: bytes) -> str:
        """With the first key."""
        return self._fernets[0].encrypt(content).decode("ascii")

    def decrypt(self, token: str) -> tuple[bytes, bool]:
        """What was encrypted, and whether with the first key. Raises InvalidToken."""
        for position, fernet in enumerate(self._fernets):
            try:
                return fernet.decrypt(token), position == 0
            except InvalidToken:
                continue
            except ValueError as error:  # it is not ASCII
                raise InvalidToken from error
        raise InvalidToken
