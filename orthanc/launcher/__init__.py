# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one Orthanc with the router in it: settings, data folder, process, demonstration."""
