# Generated from the book's pages by `harness tangle`: edit the page, not this file.
"""The digital twin that the book builds.

Its modules, in the order of the book, and the pages that are their sources:

    synchroniser: book/1-foundations/7-a-first-twin.md
"""
