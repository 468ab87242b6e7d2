# SPDX-License-Identifier: GPL-3.0-or-later
"""The REST API below `/router`: thin handlers, one table of routes, one place for errors."""
