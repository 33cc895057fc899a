"""How to prompt each model family and how to parse its answers: pure text, no model needed.

`marlin` and `molmo2` each define a `Dialect`; nothing outside this folder depends on the wording of a model.
"""
