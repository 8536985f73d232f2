"""Make `.venv` and install this checkout into it, with every backend and the development tools.

Called by the Makefile; works alone too: `python3 bootstrap.py`. Written so that an old Python can parse it
and say what is wrong. Nothing but the standard library.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")


def refuse(problem, step):
    sys.stderr.write("bootstrap: {0}\n           {1}\n".format(problem, step))
    raise SystemExit(2)


def newer_python():
    for minor in range(20, OLDEST[1] - 1, -1):
        name = "python3.{0}".format(minor)
        if shutil.which(name) and works(name):
            return name
    return None


def works(name):
    """A version manager may offer a name that it cannot run."""
    with open(os.devnull, "w") as sink:
        return subprocess.call([name, "-c", "import venv, ensurepip"], stdout=sink, stderr=sink) == 0


def check_version():
    if sys.version_info[:2] >= OLDEST:
        return
    problem = "gonka-core needs Python 3.11 or newer; this is {0}.{1} ({2}).".format(
        sys.version_info[0], sys.version_info[1], sys.executable
    )
    found = newer_python() if hasattr(shutil, "which") else None
    if found:
        refuse(problem, "Found {0}: run  make PYTHON={0} demo".format(found))
    refuse(problem, "Install one (https://www.python.org/downloads/) and run  make PYTHON=python3.12 demo")


def check_venv():
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as missing:
        refuse(
            "this Python cannot make virtual environments ({0}).".format(missing),
            "Debian, Ubuntu:  apt install python3-venv   then run the same command again.",
        )


def build():
    import venv

    if not os.path.exists(os.path.join(BIN, "python")) and not os.path.exists(os.path.join(BIN, "python.exe")):
        print("bootstrap: making .venv")
        venv.EnvBuilder(with_pip=True, clear=os.path.exists(VENV)).create(VENV)
    print("bootstrap: installing gonka-core, its backends and the development tools (a minute the first time)")
    command = [os.path.join(BIN, "python"), "-m", "pip", "install", "--quiet", "--editable", HERE + "[dev]"]
    if subprocess.call(command) != 0:
        refuse(
            "pip could not install the dependencies (its message is above).",
            "Mend that and run the same command again.",
        )


if __name__ == "__main__":
    check_version()
    check_venv()
    build()
    print("bootstrap: ready. Without make:  .venv/bin/gonka demo   and   .venv/bin/python -m pytest")
