"""From one source to its derived files: the `twin` package, the executed pages, the rendered book.

Each module does one thing: `paths` names the folders, `assets` brings what a browser needs,
`digest` says when an execution is out of date, `execute` runs the pages side by side (`run_page` one of
them, `progress` tells, `executions` keeps the results), `glued`, `expected` and `expect` compare what the
pages glue with what they should, `tangle` writes the twin,
`site` is the Sphinx extension, `build` runs the steps in order, `serve` shows the result.
"""
