"""The contracts of the tables through which the stages talk."""
