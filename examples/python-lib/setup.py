"""Puts the part for one system into the wheel for that system.

``python -m build --wheel -C--build-option=--plat-name=win_amd64`` makes the Windows wheel on any system, since nothing
is compiled: ``native/windows.py`` becomes ``awaketime/_native.py``. Without a platform the wheel is pure and holds no
``_native`` module. Everything else about the project stands in pyproject.toml.

With SOURCE_DATE_EPOCH set, the same commit gives the same bytes: setuptools sees to that for wheels, this file for the
sdist.
"""

import gzip
import os
import tarfile
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

NATIVE = {"manylinux": "linux.py", "macosx": "macos.py", "win": "windows.py"}


def native_source(platform_tag):
    """The file in native/ for a wheel's platform tag."""
    for prefix, name in NATIVE.items():
        if platform_tag.startswith(prefix):
            return Path("native", name)
    raise SystemExit(f"native/ has no part for the platform {platform_tag}; it has {', '.join(NATIVE)}")


class PlatformWheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        if self.plat_name_supplied:
            self.root_is_pure = False

    def get_tag(self):
        """``py3-none-PLATFORM``: bound to the system, but to no Python version, as nothing uses Python's C API."""
        python, abi, platform = super().get_tag()
        return (python, abi, platform) if self.root_is_pure else ("py3", "none", platform)


class BuildWithNative(build_py):
    def run(self):
        super().run()
        wheel = self.distribution.get_command_obj("bdist_wheel", create=False)
        if wheel is not None and wheel.plat_name_supplied:
            source = native_source(wheel.get_tag()[2])
            self.copy_file(str(source), os.path.join(self.build_lib, "awaketime", "_native.py"))


class RepeatableSdist(sdist):
    def make_archive(self, base_name, format, root_dir=None, base_dir=None, owner=None, group=None):
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        if epoch is None or format != "gztar":
            return super().make_archive(base_name, format, root_dir, base_dir, owner, group)

        def without_circumstances(member):
            member.mtime = int(epoch)
            member.mode = 0o755 if member.isdir() else 0o644
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            return member

        # `add` visits the names of a folder in sorted order. GzipFile, as tarfile's "w:gz" would write the time of day.
        path = f"{base_name}.tar.gz"
        with open(path, "wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=int(epoch)) as packed:
            with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
                archive.add(base_dir, filter=without_circumstances)
        return path


setup(cmdclass={"bdist_wheel": PlatformWheel, "build_py": BuildWithNative, "sdist": RepeatableSdist})
