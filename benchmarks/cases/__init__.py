"""The cases: made-up regions from 10 to 100,000 zones, and a real province."""

from benchmarks.cases.province import YUNNAN
from benchmarks.cases.synthetic import SYNTHETIC

CASES = {case.name: case for case in (*SYNTHETIC, YUNNAN)}
"""Every case by name, smallest first."""
