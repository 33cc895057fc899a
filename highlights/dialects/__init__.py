"""How one model family is asked and how its answer is read: pure text, no model needed.

`marlin` and `molmo2` each hold a `Dialect`; nothing outside this folder knows the words of a model.
"""
