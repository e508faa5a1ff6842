"""The kernel as machine code, made by LLVM and called without holding Python's lock.

Machine code may be kept in a folder under the digest of all that it is made of. The folder must belong to us alone,
because what lies in it is run.
"""

import ctypes
import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import count
from pathlib import Path

import llvmlite
import numpy as np
import numpy.typing as npt
from llvmlite import binding as llvm

from doudi.engine.rules.errors import KernelCacheError
from doudi.engine.rules.machine_text import NUMBERS, machine_text
from doudi.engine.rules.source import ARGUMENTS, KERNEL

IntArray = npt.NDArray[np.int64]
Columns = Sequence[IntArray]
NativeKernel = Callable[[int, int, IntArray, Columns, Columns, Columns, IntArray, int, Columns], None]
"""As the text says: first and last household, offsets, facts, parameters, regions, day, and the columns to write."""

_DIGEST_BYTES = 32
_library_numbers = count()


@lru_cache(maxsize=256)
def native_kernel(kernel: str, folder: Path | None = None) -> NativeKernel:
    """The compiled function of a kernel's text; with a folder, compiled once for all processes."""
    text = machine_text(kernel)
    code = object_code(text) if folder is None else _kept(folder, text)
    name = f"{KERNEL}_{next(_library_numbers)}"
    library = llvm.JITLibraryBuilder().add_object_img(code).export_symbol(KERNEL).link(_linker(), name)
    # ctypes lets go of Python's lock while the function runs.
    kinds = [ctypes.c_int64 if name in NUMBERS else ctypes.c_void_p for name in ARGUMENTS.split(", ")]
    call = ctypes.CFUNCTYPE(None, *kinds)(library[KERNEL])

    def run(
        first: int,
        last: int,
        offsets: IntArray,
        household: Columns,
        member: Columns,
        parameters: Columns,
        region: IntArray,
        as_of: int,
        out: Columns,
        _loaded: llvm.ResourceTracker = library,  # The code is unloaded when nobody holds this.
    ) -> None:
        tables = [_addresses(table) for table in (household, member, parameters, out)]
        call(first, last, offsets.ctypes.data, *tables[:3], region.ctypes.data, as_of, tables[3])

    return run


def object_code(text: str) -> bytes:
    """Compile one module of LLVM's language to the object code of this machine."""
    machine = _machine()
    module = llvm.parse_assembly(text)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    module.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2))
    builder.getModulePassManager().run(module, builder)
    code: bytes = machine.emit_object(module)
    return code


@cache
def _machine() -> llvm.TargetMachine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=2, reloc="pic")


@cache
def _linker() -> llvm.LLJIT:
    return llvm.create_lljit_compiler(_machine())


def _addresses(columns: Columns) -> ctypes.Array[ctypes.c_void_p]:
    return (ctypes.c_void_p * max(len(columns), 1))(*(column.ctypes.data for column in columns))


def _kept(folder: Path, text: str) -> bytes:
    """The object code from the folder, or made and kept there. A file cut short or damaged is made anew."""
    _trust(folder)
    made_of = (text, llvmlite.__version__, llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())
    path = folder / f"{KERNEL}_{hashlib.sha256(chr(0).join(made_of).encode()).hexdigest()[:32]}.o"
    if path.is_file():
        content = path.read_bytes()
        digest, code = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if hashlib.sha256(code).digest() == digest:
            return code
    code = object_code(text)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(hashlib.sha256(code).digest() + code)
    part.replace(path)
    return code


def _trust(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = folder.stat()
    if about.st_uid != os.geteuid() or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise KernelCacheError(
            "the folder for compiled rules can be written by others.",
            advice="Give it to the account that runs the night, with mode 0700: what lies in it is run.",
            where=str(folder.name),
        )
