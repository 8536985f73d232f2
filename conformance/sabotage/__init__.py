"""The kit, tested: subjects that are wrong on purpose, each in one way, and the check that must say so.

Not part of any release: some of these leak keys, which is what they are for. `python -m sabotage` prints which check
caught whom, and fails when one was missed, or when a correct subject was blamed.
"""
