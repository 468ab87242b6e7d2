# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens with which a service that has taken images calls back later."""

from dataclasses import dataclass

from router.secrets import SecretsUnreadable, Vault
from router.secrets.fields import SEALED

_PURPOSE = "callback"


class UnknownToken(Exception):  # noqa: N818 - it reads as what it says
    """The text is not a token of this installation."""


@dataclass(frozen=True, slots=True)
class CallbackToken:
    """One attempt at a delivery, for which a service may call back. The token becomes invalid when the
    delivery ends or is tried again."""

    delivery: str
    #: The number of the attempt: `attempt_count` of the delivery once the attempt is recorded.
    attempt: int
    #: Orthanc's identifier of the instance; None for all instances that the delivery waits for.
    instance: str | None = None


class CallbackTokens:
    """Writes and reads tokens. They are encrypted and signed with the key of the installation: they cannot be
    guessed or changed, and each node can read them, also after a restart."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def write(self, token: CallbackToken) -> str:
        """Return the token in a form for URLs. Raises SecretsUnreadable."""
        content = [_PURPOSE, token.delivery, token.attempt, token.instance]
        return self._vault.seal(content, _PURPOSE)[SEALED]

    def read(self, text: str) -> CallbackToken:
        """Read the token in a URL. Raises UnknownToken."""
        try:
            # Tokens of earlier versions hold their purpose in their content.
            content = self._vault.unseal({SEALED: text}, _PURPOSE, unmarked=True)
        except SecretsUnreadable as error:
            raise UnknownToken("This is no token of this installation") from error
        if not isinstance(content, list) or len(content) != 4 or content[0] != _PURPOSE:
            raise UnknownToken("This is no token for a call-back")
        return CallbackToken(*content[1:])
