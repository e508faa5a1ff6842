"""How much one delivery may cost: size, unpacked size, memory, time; a limit on all that a stranger's file asks for."""

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True)
class ReaderLimits:
    """Limits of the confined reader. The defaults carry a million rows; a bomb of a few kilobytes ends within 30 s."""

    file_bytes: int = 2048 * _MIB
    unpacked_bytes: int = 1024 * _MIB
    unpack_ratio: int = 100
    archive_members: int = 2000
    columns: int = 1000
    rows: int = 20_000_000
    sheet_cells: int = 12_000_000
    line_bytes: int = 64 * 1024
    chunk_bytes: int = 4 * _MIB
    memory_bytes: int = 512 * _MIB
    memory_covers_file_bytes: int = 256 * _MIB
    more_memory_per_byte: float = 1.5
    output_bytes: int = 4096 * _MIB
    seconds: float = 30.0
    seconds_per_mib: float = 1.5

    def memory_for(self, file_bytes: int) -> int:
        """Most memory for a file of this size: what is noted of each row of a very large one needs more."""
        return self.memory_bytes + int(max(0, file_bytes - self.memory_covers_file_bytes) * self.more_memory_per_byte)

    def wall_seconds(self, file_bytes: int) -> float:
        """Longest time for a file of this size: large files are given more than small ones."""
        return self.seconds + self.seconds_per_mib * file_bytes / _MIB
