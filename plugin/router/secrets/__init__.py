"""Secrets of destinations: encrypted at rest, with a key that is not in the store."""

from router.secrets.fields import is_sealed, sealed_names, secret, secret_names
from router.secrets.vault import SecretsUnreadable, Vault

__all__ = ["SecretsUnreadable", "Vault", "is_sealed", "sealed_names", "secret", "secret_names"]
