"""First program of every child: closes the doors, then runs the program named on the command line.

Run as ``python -I -B start.py <json limits> <program>``. Standard library only. Doors, in order:
limits of the kernel, network namespace (or a filter on socket() where namespaces are refused),
Landlock on the file system where the kernel has it. What could be closed is told to the program
as JSON in ``sys.argv[1]``: ``probe`` reports it. A program refuses its input, and says why in
French, with ``raise SystemExit("…")``.
"""

import ctypes
import errno
import importlib.abc
import importlib.util
import json
import os
import platform
import resource
import runpy
import site
import struct
import sys
import traceback


EXIT_REFUSED, EXIT_BROKEN, EXIT_MEMORY, EXIT_DEPTH, EXIT_DOORS, EXIT_SIZE = 65, 70, 71, 72, 73, 74
CLONE_NEWUSER, CLONE_NEWNET, CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SIGKILL = 9
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
READ_FILE, READ_DIR, EXECUTE = 1 << 2, 1 << 3, 1 << 0

libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """The program refuses its input and says why, in French."""


def limit(limits: dict[str, int]) -> None:
    """Set the limits of the kernel; a soft limit on time lets the reason be told."""
    cpu = limits["cpu"]
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 2))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["output"], limits["output"]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def close_network() -> str:
    """Leave the network: an empty namespace, or else no socket of the Internet families."""
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC) == 0:
        return "namespace"
    return "seccomp" if _refuse_sockets() else ""


def _refuse_sockets() -> bool:
    # (architecture of the kernel, number of socket(), of io_uring_setup())
    known = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
    if platform.machine() not in known:
        return False
    arch, number = known[platform.machine()]
    deny, allow = 0x00050000 | 13, 0x7FFF0000
    # Every socket() is refused, whatever its family: a program here needs none.
    steps = [
        (0x20, 0, 0, 4),
        (0x15, 0, 5, arch),
        (0x20, 0, 0, 0),
        (0x35, 3, 0, 0x40000000),
        (0x15, 2, 0, number),
        (0x15, 1, 0, 425),
        (0x06, 0, 0, allow),
        (0x06, 0, 0, deny),
    ]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    held = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(held))
    return libc.prctl(PR_SET_SECCOMP, 2, program, 0, 0) == 0


def close_files(program: str, packages: list[str]) -> str:
    """Allow reading Python, its packages, the libraries, the fonts and what is given; writing here."""
    abi = libc.syscall(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        return ""
    handled = (1 << 13) - 1 | (1 << 13 if abi >= 2 else 0) | (1 << 14 if abi >= 3 else 0)
    rules = struct.pack("Q", handled)
    ruleset = libc.syscall(LANDLOCK_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        return ""
    readable = {
        *("/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/ld.so.cache", "/etc/ld.so.preload"),
        *("/etc/alternatives", "/etc/localtime", "/etc/mime.types", "/var/cache/fontconfig"),
        *("/proc/self", "/dev/null", "/dev/urandom", "/dev/zero"),
        *(sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages()),
        *(program, __file__, *packages),
    }
    writable = {os.getcwd(), "/dev/null"}
    for path in sorted(readable | writable):
        try:
            target = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        rights = handled if path in writable else READ_FILE | READ_DIR | EXECUTE
        if not os.path.isdir(path):
            rights &= READ_FILE | EXECUTE | 1 << 1 | (handled & 1 << 14)
        rule = struct.pack("=Qi", rights, target)
        added = libc.syscall(LANDLOCK_ADD_RULE, ruleset, 1, rule, 0)
        os.close(target)
        if added:
            return ""
    closed = libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return "landlock" if closed else ""


class Given(importlib.abc.MetaPathFinder):
    """Import what the parent gave: a folder as a package, a file as a module."""

    def __init__(self, packages: dict[str, str]) -> None:
        self.packages = packages

    def find_spec(self, name, path=None, target=None):
        """Find a given name at its place; any other is for the ordinary finders."""
        place = self.packages.get(name)
        if place is None:
            return None
        if os.path.isdir(place):
            start = os.path.join(place, "__init__.py")
            return importlib.util.spec_from_file_location(
                name, start, submodule_search_locations=[place]
            )
        return importlib.util.spec_from_file_location(name, place)


def refuse(reason: str) -> None:
    """Tell the reason on the last line of stderr, where the parent looks for it."""
    sys.stderr.write("\n" + json.dumps({"raison": reason}) + "\n")


def main() -> int:
    """Close the doors, run the program; return the exit status that says what happened."""
    limits, program = json.loads(sys.argv[1]), sys.argv[2]
    packages = limits.pop("packages", {})
    limit(limits)
    sys.meta_path.append(Given(packages))
    doors = {"network": close_network(), "files": close_files(program, [*packages.values()])}
    if limits.get("strict") and not all(doors.values()):
        sys.stderr.write(f"doors: {doors}\n")
        return EXIT_DOORS
    try:
        sys.argv = [program, json.dumps(doors)]
        names = runpy.run_path(program)
        names["main"](sys.stdin.buffer, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except SystemExit as refusal:
        refuse(str(refusal))
        return EXIT_REFUSED
    except MemoryError:
        return EXIT_MEMORY
    except RecursionError:
        return EXIT_DEPTH
    except OSError as error:
        traceback.print_exc(limit=-8)
        return EXIT_SIZE if error.errno == errno.EFBIG else EXIT_BROKEN
    except Exception:  # noqa: BLE001
        traceback.print_exc(limit=-8)
        return EXIT_BROKEN
    return 0


if __name__ == "__main__":
    # No finaliser runs: a hostile document has no say after the answer is written.
    status = main()
    sys.stderr.flush()
    os._exit(status)
