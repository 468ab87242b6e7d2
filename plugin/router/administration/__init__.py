# SPDX-License-Identifier: GPL-3.0-or-later
"""What people do to policies and destinations: checked, saved as revisions, put in force."""
