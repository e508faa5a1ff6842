"""Citizens' screens: what may be read without log-in."""
