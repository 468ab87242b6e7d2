"""Tokens by which a service that has taken images says later what came of them."""

from dataclasses import dataclass

from router.secrets import SecretsUnreadable, Vault
from router.secrets.fields import SEALED

_PURPOSE = "callback"


class UnknownToken(Exception):  # noqa: N818 - it reads as what it says
    """This is no token of this installation."""


@dataclass(frozen=True, slots=True)
class CallbackToken:
    """One attempt at a delivery, for which a service may call back. Once the delivery has ended, or has been
    tried again, the token is worth nothing."""

    delivery: str
    #: Which attempt it is; the delivery's `attempt_count` once it is recorded.
    attempt: int
    #: Orthanc's identifier; None for all that the delivery waits for.
    instance: str | None = None


class CallbackTokens:
    """Writes and reads tokens. They are encrypted and signed with the installation's key, so that nobody can
    guess or change one, and every node of the installation can read them, also after a restart."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def write(self, token: CallbackToken) -> str:
        """As a part of a URL. Raises SecretsUnreadable."""
        content = [_PURPOSE, token.delivery, token.attempt, token.instance]
        return self._vault.seal(content, _PURPOSE)[SEALED]

    def read(self, text: str) -> CallbackToken:
        """Raises UnknownToken."""
        try:
            # An earlier router's tokens have their purpose among what they say.
            content = self._vault.unseal({SEALED: text}, _PURPOSE, unmarked=True)
        except SecretsUnreadable as error:
            raise UnknownToken("This is no token of this installation") from error
        if not isinstance(content, list) or len(content) != 4 or content[0] != _PURPOSE:
            raise UnknownToken("This is no token for a call-back")
        return CallbackToken(*content[1:])
