# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: where the code under test is found."""

import sys
from pathlib import Path

import hypothesis

_HERE = Path(__file__).parent

sys.path[:0] = [str(_HERE.parent / "plugin"), str(_HERE.parent / "orthanc"), str(_HERE)]

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile("router", deadline=None)
hypothesis.settings.load_profile("router")

# Policy documents know their actions once the registry has been read, as in Orthanc and on the command line.
import router.actions  # noqa: E402, F401
