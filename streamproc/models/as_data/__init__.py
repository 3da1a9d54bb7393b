"""Models as data: numbers, texts, lists and tables, and back; nothing that is read here can name code to be run.

`shapes` are the values that there may be, `kinds` the closed list of classes, `document` the JSON around them. A class
that is not on the list cannot be written, and cannot be read.
"""
