"""How much of everything a learner's code may have."""

from __future__ import annotations

from dataclasses import asdict, dataclass

_MB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits of one box.

    Attributes:
        cell_s: Wall time that a cell may take, in s.
        call_s: Wall time that a call of a function may take, in s.
        cpu_s: Processor time of one process, in s.
        memory_bytes: Memory of the whole box beyond what a fresh interpreter has, and of each process in it.
        processes: Processes and threads.
        file_bytes: The largest file.
        folder_bytes: All files together; the folder is kept in memory.
        open_files: Open files of one process.
    """

    cell_s: float = 20.0
    call_s: float = 20.0
    cpu_s: int = 300
    memory_bytes: int = 2048 * _MB
    processes: int = 256
    file_bytes: int = 64 * _MB
    folder_bytes: int = 64 * _MB
    open_files: int = 256

    def as_plain(self) -> dict[str, float]:
        """Itself as JSON can hold it."""
        return asdict(self)
