"""A separate root folder with all files of this machine; changes in it are discarded at the end."""

import os
import shutil
import subprocess

from .limits import DEADLINE

SETUP = """
mount -t tmpfs none "$0" && mkdir "$0/upper" "$0/work" "$0/root" &&
mount -t overlay overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" "$0/root" &&
mount -t tmpfs none "$0/root/run" && mkdir "$0/root/run/lock" && mount --bind /dev "$0/root/dev" &&
mount -t proc none "$0/root/proc" && echo ready && read end
"""


class ScratchRoot:
    """An overlay over / in a mount namespace of its own. What runs in it shares network and processes with us."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.holder = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", SETUP, self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if self.holder.stdout.readline() != "ready\n":
            self.close()
            raise OSError("no overlay can be mounted here")

    @staticmethod
    def is_possible(folder):
        """Only root may, and not in every container."""
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            return False
        try:
            ScratchRoot(folder).close()
        except OSError:
            return False
        return True

    def command(self, *words, user="root", env=()):
        """The command that runs `words` in it, with an environment of PATH and `env` (NAME=value …) alone."""
        return [
            "nsenter",
            f"--mount=/proc/{self.holder.pid}/ns/mnt",
            "chroot",
            f"--userspec={user}:",
            os.path.join(self.folder, "root"),
            "env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL=C.UTF-8",
            "DEBIAN_FRONTEND=noninteractive",
            *env,
            *words,
        ]

    def run(self, *words, user="root", check=True, stdin=None):
        result = subprocess.run(
            self.command(*words, user=user),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=4 * DEADLINE,
        )
        assert not check or result.returncode == 0, f"{' '.join(words)}: {result.returncode}\n{result.stdout}"
        return result.stdout

    def read(self, path):
        return self.run("cat", path)

    def write(self, path, text):
        """Into a file that is there: owner and permissions stay."""
        self.run("tee", path, stdin=text)

    def exists(self, path):
        return self.run("sh", "-c", 'test -e "$0" && echo yes || true', path) == "yes\n"

    def close(self):
        self.holder.stdin.close()  # ends the shell, and with the last process the mounts
        self.holder.wait(DEADLINE)
        self.holder.stdout.close()
