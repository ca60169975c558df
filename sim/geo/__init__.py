"""Geography: the layers of a study area, from installed data packages, a bundle or a seed."""
