# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what people change about policies and destinations, saves it as revisions, and puts it in force."""
