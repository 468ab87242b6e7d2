# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers for the tests: each starts on free ports in a folder of its own and stops cleanly."""
