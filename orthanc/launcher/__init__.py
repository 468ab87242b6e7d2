# SPDX-License-Identifier: GPL-3.0-or-later
"""The launcher: runs one Orthanc with the router in it. Settings, data folder, process, demonstration."""
