"""From `solutions/` to `labs/`: what learners get is derived, and nobody edits it.

    rules       what must hold of a lab before it is handed out
    contents    the files of a lab as they are handed out
    writing     bringing `labs/` up to date

It stands here and not in `authoring`, whose walls keep labs and checks out: what is dropped and what is
counted, it asks `lab`, `stub` and `points`, and those belong to grading.
"""
