# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of destinations, stored encrypted, with a key that is not in the store."""

from router.secrets.fields import is_sealed, sealed_names, secret, secret_names
from router.secrets.keys import SecretsUnreadable
from router.secrets.vault import Vault

__all__ = ["SecretsUnreadable", "Vault", "is_sealed", "sealed_names", "secret", "secret_names"]
