"""The physics: rates, balances and the column, as functions of one lane that Numba compiles.

Importing this package imports Numba, so only `harness.plant.engine` and the tests do it at run time.
"""
