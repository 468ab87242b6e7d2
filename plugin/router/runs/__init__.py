# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done in the background over what Orthanc stores already: previews, replays, simulations."""
