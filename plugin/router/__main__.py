# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m router`: what can be done with the router's documents without an Orthanc."""

import sys

from router.command_line import main

sys.exit(main())
