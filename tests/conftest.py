"""What all tests share: where the code under test is found."""

import sys
from pathlib import Path

_HERE = Path(__file__).parent

sys.path[:0] = [str(_HERE.parent / "plugin"), str(_HERE.parent / "orthanc"), str(_HERE)]
