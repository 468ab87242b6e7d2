# SPDX-License-Identifier: GPL-3.0-or-later
"""Orthanc Router: routes what Orthanc stores, by policies, to where it belongs."""
