# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's version."""

VERSION = "0.1.0"
