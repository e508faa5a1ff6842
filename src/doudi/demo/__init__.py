"""The demonstration city 示范市: invented people, departments' files as they really come, and the truth kept apart.

Division prefix 4199 belongs to no real place. The same size and seed give the same bytes. The truth never reaches the
engine: it lies beside the extracts, never among them.
"""
