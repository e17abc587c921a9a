"""run.py in a small project of its own: real environments, real pip, wheels made on the spot."""

import ast
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

APP = """
import json, os, sys
assert os.environ["ORT_DISABLE_TELEMETRY"] == "1", "libraries may report"
import alpha, torch
print(json.dumps([sys.argv[1:], os.getcwd(), alpha.VERSION, torch.VERSION]))
sys.exit(7)
"""


def make_wheel(folder: Path, name: str, version: str) -> None:
    """A wheel with one module that knows its version."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        record += f"{path},sha256={digest.decode()},{len(text)}\n"
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


class Project:
    """A folder with our run.py, a program of a few lines and requirements of a few bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "a project"
        self.wheels = folder / "wheels"
        self.programs = folder / "programs"
        self.elsewhere = folder / "elsewhere"
        for path in (self.wheels, self.programs, self.elsewhere / "app"):
            path.mkdir(parents=True)
        # What a person's own folder may hold must not be taken for the program.
        (self.elsewhere / "app" / "__main__.py").write_text("raise SystemExit('wrong app')")
        shutil.copytree(ROOT / "provision", self.folder / "provision")
        shutil.copy(ROOT / "run.py", self.folder)
        (self.folder / "app").mkdir()
        (self.folder / "app" / "__init__.py").touch()
        (self.folder / "app" / "__main__.py").write_text(APP)
        # The one module of the program that run.py itself uses, which needs no other.
        (self.folder / "app" / "core").mkdir()
        for name in ("__init__.py", "quiet.py"):
            shutil.copy(ROOT / "app" / "core" / name, self.folder / "app" / "core")
        (self.folder / "requirements").mkdir()
        self.require("app.txt", "alpha==1.0  # 1 MB: a part")
        self.require("torch.txt", "torch==2.0  # 1 MB: the model")
        for name, version in (
            ("alpha", "1.0"),
            ("alpha", "1.1"),
            ("torch", "2.0"),
            ("torch", "2.0+cpu"),
        ):
            make_wheel(self.wheels, name, version)

    @property
    def site(self) -> Path:
        (found,) = self.folder.glob(".venv/lib/python*/site-packages")
        return found

    def require(self, file: str, text: str) -> None:
        (self.folder / "requirements" / file).write_text(f"# a comment\n{text}\n")

    def add_graphics_driver(self, version: str, card: str) -> None:
        program = self.programs / "nvidia-smi"
        program.write_text(
            f'#!/bin/sh\ncase "$1" in *driver*) echo {version};; *) echo {card};; esac\n'
        )
        program.chmod(0o755)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = ("HOME", "LANG", "SYSTEMROOT")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment |= {
            "PATH": str(self.programs),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.wheels.as_uri(),
            "PIP_CONFIG_FILE": os.devnull,
            "PYTHONPATH": str(self.elsewhere),
            **variables,
        }
        return subprocess.run(
            [sys.executable, str(self.folder / "run.py"), *arguments],
            cwd=self.elsewhere,
            env=environment,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A .venv with pip alone. Making one takes longer than all that is tried in it."""
    folder = tmp_path_factory.mktemp("environment") / ".venv"
    venv.create(folder, with_pip=True, symlinks=os.name != "nt")
    return folder


@pytest.fixture
def begun(project: Project, empty_environment: Path) -> Project:
    """A project whose environment is made, with nothing installed in it yet."""
    shutil.copytree(empty_environment, project.folder / ".venv", symlinks=True)
    return project


posix = pytest.mark.skipif(os.name == "nt", reason="the layout of .venv on POSIX")


@posix
def test_from_nothing_to_the_program_and_again(project: Project) -> None:
    first = project.run("ask", "picture.png", "What is it?")
    assert first.returncode == 7, first.stderr
    assert "Making .venv" in first.stderr
    # Whatever pip says, stdout belongs to the program, which runs where the person is.
    expected = [["ask", "picture.png", "What is it?"], str(project.elsewhere), "1.0", "2.0+cpu"]
    assert json.loads(first.stdout) == expected

    assert "bundle" in project.run("--help").stdout
    again = project.run("ask", "picture.png", "What is it?")
    assert (again.returncode, again.stderr) == (7, "")
    assert json.loads(again.stdout) == expected

    project.require("app.txt", "alpha==1.1  # 1 MB: a part")
    changed = project.run("read")
    assert "Installing 1 packages" in changed.stderr
    assert json.loads(changed.stdout)[2:] == ["1.1", "2.0+cpu"]


@posix
def test_an_install_that_was_cut_off_is_completed(begun: Project) -> None:
    assert begun.run("ask").returncode == 7
    # As a kill leaves it: no stamp, metadata of one package without its list of files, and a
    # file of the other that was only half written.
    (begun.folder / ".venv" / "ocellus-setup.json").unlink()
    (begun.site / "alpha-1.0.dist-info" / "RECORD").unlink()
    (begun.site / "alpha" / "__init__.py").unlink()
    (begun.site / "torch" / "__init__.py").write_text("VERS")

    completed = begun.run("ask")
    assert completed.returncode == 7, completed.stderr
    assert "alpha is not whole" in completed.stderr
    assert "torch is not whole" in completed.stderr
    assert json.loads(completed.stdout)[2:] == ["1.0", "2.0+cpu"]

    # The Python that the environment was made with has gone.
    (begun.folder / ".venv" / "bin" / "python").unlink()
    (begun.folder / ".venv" / "bin" / "python").symlink_to("/nowhere/python")
    remade = begun.run("ask")
    assert "Making .venv" in remade.stderr
    assert remade.returncode == 7


@posix
def test_torch_for_the_card_that_is_there_and_what_fits_is_left_alone(begun: Project) -> None:
    assert json.loads(begun.run("ask").stdout)[3] == "2.0+cpu"
    begun.add_graphics_driver("580.65.06", "9.0")
    with_card = begun.run("ask")
    assert json.loads(with_card.stdout)[3] == "2.0", with_card.stderr

    (begun.programs / "nvidia-smi").unlink()
    without_card = begun.run("ask")
    assert json.loads(without_card.stdout)[3] == "2.0"
    assert "Installing" not in without_card.stderr


@posix
def test_an_old_driver_gets_the_cpu_build_and_is_told_so(begun: Project) -> None:
    begun.add_graphics_driver("470.1", "3.5")
    done = begun.run("ask")
    assert json.loads(done.stdout)[3] == "2.0+cpu"
    assert "answers slowly" in done.stderr


@posix
def test_no_cpu_build_within_reach_is_said_before_the_large_one_comes(begun: Project) -> None:
    (begun.wheels / "torch-2.0+cpu-py3-none-any.whl").unlink()
    done = begun.run("ask")
    assert json.loads(done.stdout)[3] == "2.0"
    assert "4.7 GB" in done.stderr


def test_a_full_disk_is_said_with_both_figures_before_anything_is_installed(
    project: Project,
) -> None:
    project.require("app.txt", "alpha==1.0  # 900000000 MB: too much")
    done = project.run("ask")
    assert done.returncode == 1
    assert "1,440,001,217 MB" in done.stderr
    free = shutil.disk_usage(project.folder).free / 1e6
    told = float(done.stderr.split(", and ")[1].split(" MB are free")[0].replace(",", ""))
    assert told == pytest.approx(free, rel=0.2)
    assert not (project.folder / ".venv").exists()


@posix
def test_a_failed_install_is_said_and_nothing_claims_to_be_there(begun: Project) -> None:
    begun.require("app.txt", "alpha==3.0")
    failed = begun.run("ask")
    assert failed.returncode == 1
    assert "start again" in failed.stderr
    assert "Traceback" not in failed.stderr
    begun.require("app.txt", "alpha==1.0")
    assert begun.run("ask").returncode == 7


@pytest.mark.skipif(sys.platform != "linux", reason="displays are elsewhere a matter of course")
@pytest.mark.parametrize("arguments", [(), ("window", "picture.png")])
def test_no_display_is_said_before_anything_is_installed(
    project: Project, arguments: tuple[str, ...]
) -> None:
    done = project.run(*arguments)
    assert done.returncode == 2
    assert "no display" in done.stderr
    assert " ask " in done.stderr
    assert " read " in done.stderr
    assert not (project.folder / ".venv").exists()


def test_an_old_python_is_told_plainly() -> None:
    source = (ROOT / "run.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 5))
    pretend = "import sys, runpy; sys.version_info = (3, 9, 2); "
    pretend += f"runpy.run_path({str(ROOT / 'run.py')!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", pretend], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or later; this is Python 3.9.2" in done.stderr


def test_every_requirement_is_pinned_and_read_back() -> None:
    code = (
        "from pathlib import Path; from provision.environment import Environment; import sys;"
        "environment = Environment(Path(sys.argv[1]));"
        "print(*(pin.name for pin in environment.pins(sys.argv[2])))"
    )
    for name in ("app.txt", "dev.txt", "torch.txt"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(ROOT), name],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        lines = (ROOT / "requirements" / name).read_text("utf-8").splitlines()
        lines = [line for line in lines if line and line[0] != "#"]
        elsewhere = [line for line in lines if "sys_platform" in line]
        assert len(done.stdout.split()) >= len(lines) - len(elsewhere)
        assert "kernels" not in done.stdout.split()
