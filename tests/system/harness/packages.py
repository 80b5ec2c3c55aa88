"""The Debian packages of this build."""

import os
import re
import shutil
import stat
import subprocess

import pytest

from .process import BUILD, SOURCE
from .sim import SECRET

SECRETS = {
    "PBX1_SECRET": SECRET,
    "BILL_SECRET": "bill-of-the-package",
    "STEVE_SECRET": "steve",
    "WALLBOARD_SECRET": "wall",
    "ADMIN_SECRET": "admin-of-the-package",
}


def run(*command, **options):
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}"
    return result.stdout


class Package:
    """A .deb, unpacked."""

    def __init__(self, path, folder):
        self.path = path
        self.root = os.path.join(folder, os.path.basename(path).split("_")[0])
        run("dpkg-deb", "-R", path, self.root)
        self.fields = dict(re.findall(r"^([\w-]+): (.*)$", self.read("DEBIAN/control"), re.M))

    def file(self, path):
        return os.path.join(self.root, path)

    def read(self, path):
        with open(self.file(path), encoding="utf-8") as file:
            return file.read()

    def has(self, path):
        return os.path.exists(self.file(path))

    def mode(self, path):
        return stat.S_IMODE(os.stat(self.file(path)).st_mode)

    def depends(self):
        return {entry.split()[0] for entry in self.fields["Depends"].split(", ")}


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The two packages of this build."""
    folder = str(tmp_path_factory.mktemp("packages"))
    tree = run(os.path.join(SOURCE, "contrib", "debian-source.sh"), folder).splitlines()[-1]
    environment = dict(
        os.environ,
        AMP_BUILD=BUILD,
        DEB_RULES_REQUIRES_ROOT="no",
        DEB_BUILD_OPTIONS="noautodbgsym",
        DPKG_DEB_COMPRESSOR_TYPE="gzip",  # what is released is compressed by xz, which takes longer than all the rest
        DPKG_DEB_COMPRESSOR_LEVEL="1",
        SOURCE_DATE_EPOCH=run("dpkg-parsechangelog", "-S", "Timestamp", cwd=tree).strip(),
    )
    run("debian/rules", "binary", cwd=tree, env=environment)
    shutil.rmtree(tree)
    found = {name.split("_")[0]: os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".deb")}
    assert set(found) == {"astmanproxy", "astmanproxy-dev"}
    return {name: Package(path, folder) for name, path in found.items()}


@pytest.fixture
def program(packages):
    return packages["astmanproxy"]


@pytest.fixture
def dev(packages):
    return packages["astmanproxy-dev"]


# --- what plugins are built with

SOURCE_OF_A_PLUGIN = """
#include <astmanproxy/plugin.h>
static void encode(const struct amp_message *message, struct amp_output *out)
{ struct amp_bytes text = amp_message_text(message); amp_output_write(out, text.bytes, text.length); }
AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {.size = sizeof(struct amp_plugin), .abi_minor = AMP_ABI_MINOR,
    .name = "outside", .capabilities = AMP_CAN_ENCODE, .content_type = "text/plain", .encode = encode};
"""
