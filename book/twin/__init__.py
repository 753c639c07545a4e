# Generated from the book's pages by `harness tangle`: edit the page, not this file.
"""The digital twin that the book builds.

Its modules, in the order of the book, and the pages that are their sources:

    reactor: book/1-foundations/1-what-a-twin-is.md
    timeliness: book/1-foundations/2-architecture.md
    readings: book/1-foundations/3-state-and-data.md
    levels: book/1-foundations/4-fidelity-levels.md
    calibration: book/1-foundations/5-life-cycle.md
    metrics: book/1-foundations/6-metrics.md
    synchroniser: book/1-foundations/7-a-first-twin.md
"""
