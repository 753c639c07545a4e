# Generated from the book's pages by `harness tangle`: edit the page, not this file.
"""The digital twin that the book builds.

Its modules, in the order of the book, and the pages that are their sources:

    reactor: book/1-foundations/1-what-a-twin-is.md
    readings: book/1-foundations/3-state-and-data.md
    calibration: book/1-foundations/5-life-cycle.md
    synchroniser: book/1-foundations/7-a-first-twin.md
"""
