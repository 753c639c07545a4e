"""The learner's side: the visible checks, in a notebook and in a terminal, and JupyterLab to work in.

notebook    `check("1.5")`
progress    how far a learner is in a lab
own_work    `pytest labs/`
copies      the learner's own copies of the labs, and how an update reaches them
jupyter     `harness lab`: its settings, and the command that starts
server      JupyterLab itself
"""
