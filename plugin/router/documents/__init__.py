# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents of the router, as they are stored and as they cross the API."""
