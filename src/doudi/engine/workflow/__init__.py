"""Procedures 程序 as data: steps, who acts, what must come first, deadlines, publicity, four eyes."""
