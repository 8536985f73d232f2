"""Makes the vectors of the conformance kit: the JSON files that are the kit's own, and the schemas of all.

`python -m vector_tool` writes them, `python -m vector_tool --check` only compares. What comes out depends on nothing
but this code: keys are published ones, and the mock node's chain has a clock that stands still. Not part of the wheel.
"""
