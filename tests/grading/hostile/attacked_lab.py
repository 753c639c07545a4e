"""A small lab to be attacked: three exercises, with visible and hidden checks."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

DOUBLE = "def double(x):\n    return 2 * x"
RMS = "import math\n\ndef rms(values):\n    return math.sqrt(sum(v * v for v in values) / len(values))"
SETTINGS = 'settings = {"T_K": 353.0, "names": ["TT-101", "PT-101"]}'
GOOD = {"9.1": DOUBLE, "9.2": RMS, "9.3": SETTINGS}
POINTS = {"9.1": 10.0, "9.2": 10.0, "9.3": 10.0}
SECRET = "hidden-check-secret-7741"
"""A word that stands in the hidden checks, the solutions' folder and the course secret, for thieves to look for."""

LISTENING_PORT = 17741
LISTENING_NAME = "listening-7741"
"""Where the grader's machine listens while thieves are at work."""

_LAB = """\
---
kernelspec: {{display_name: Python 3, language: python, name: python3}}
---

# A small lab

```{{code-cell}} ipython3
import math
```

## 9.1 Twice as much

*10 points, 1 min.*

```{{code-cell}} ipython3
:label: ex-9.1
{double}
```

## 9.2 Root mean square

*10 points, 1 min.*

```{{code-cell}} ipython3
:label: ex-9.2
{rms}
```

## 9.3 Settings

*10 points, 1 min.*

```{{code-cell}} ipython3
:label: ex-9.3
{settings}
```
"""

_CHECKS = {
    "checks/test_9_1.py": '''
        from harness.grading.expect import close
        from harness.grading.points import points

        @points(4)
        def test_two(submission):
            """Twice two is four."""
            close(submission.call("double", 2.0), 4.0, what="double", abs_tol=1e-9, otherwise="It is not twice as much.")
    ''',
    "hidden/test_9_1.py": '''
        from harness.grading.expect import close
        from harness.grading.points import points

        @points(6)
        def test_seeds(submission, seeds):
            """Twice a number of the student's own."""
            for seed in seeds:
                close(submission.call("double", seed), 2 * seed, what="double", abs_tol=1e-9, otherwise="It is not twice.")
    ''',
    "checks/test_9_2.py": '''
        from harness.grading.expect import close
        from harness.grading.points import points

        @points(4)
        def test_pair(submission):
            """Of 3 and 4 it is the root of 12.5."""
            close(submission.call("rms", [3.0, 4.0]), 12.5**0.5, what="rms", rel_tol=1e-9, otherwise="It is not the RMS.")
    ''',
    "hidden/test_9_2.py": f'''
        import numpy as np

        from harness.grading.expect import close
        from harness.grading.points import points

        SECRET = "{SECRET}"

        @points(6)
        def test_seeds(submission, seeds):
            """Of noise of the student's own."""
            for seed in seeds:
                values = np.random.default_rng(seed).normal(size=50)
                want = float(np.sqrt(np.mean(values**2)))
                close(submission.call("rms", values.tolist()), want, what="rms", rel_tol=1e-9, otherwise="Not the RMS.")
    ''',
    "checks/test_9_3.py": '''
        from harness.grading.points import points

        @points(4)
        def test_temperature(submission):
            """The temperature is set."""
            settings = submission.value("settings")
            assert isinstance(settings, dict), "settings is no dict."
            assert settings.get("T_K") == 353.0, "The temperature is wrong."
    ''',
    "hidden/test_9_3.py": '''
        from harness.grading.points import points

        @points(6)
        def test_names(submission):
            """The names are there."""
            settings = submission.value("settings")
            assert isinstance(settings, dict), "settings is no dict."
            assert settings.get("names") == ["TT-101", "PT-101"], "The names are wrong."
    ''',
}


_SOURCES = {"double": DOUBLE, "rms": RMS, "settings": SETTINGS}


def _solved(source: str) -> str:
    """A solution between the marks that a release drops."""
    *head, last = source.splitlines()
    indent = last[: len(last) - len(last.lstrip())]
    return "\n".join([*head, f"{indent}### BEGIN SOLUTION", last, f"{indent}### END SOLUTION"])


def make(folder: Path) -> Path:
    """Write the lab's folder, as it lies among the solutions."""
    lab = folder / "9-small"
    for name, text in _CHECKS.items():
        file = lab / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip(), encoding="utf-8")
    text = _LAB.format(**{name: _solved(source) for name, source in _SOURCES.items()})
    (lab / "lab-9.md").write_text(text, encoding="utf-8")
    return lab


def notebook(answers: dict[str, str]) -> str:
    """A submission with these answers, as MyST."""
    head = (
        "---\nkernelspec: {display_name: Python 3, language: python, name: python3}\n---\n\n# A small lab\n\n"
    )
    cells = "".join(
        f"## {name} Exercise\n\n```{{code-cell}} ipython3\n:label: ex-{name}\n{source}\n```\n\n"
        for name, source in answers.items()
    )
    return head + cells
