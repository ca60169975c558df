"""The report of a run: figures, maps, one self-contained page, and the comparison of two runs."""
