"""The operator's guide: its samples of files, its list "Three in the morning", and a machine on which the list's commands
run as they stand there."""

import os
import re
import stat
import textwrap

import yaml

from . import ctl
from .limits import Deadline
from .process import BUILD, SOURCE
from .proxy import BINARY

GUIDE = os.path.join(SOURCE, "contrib/guides/operator.md")
ALERTS = os.path.join(SOURCE, "contrib/grafana/rules.yaml")
JOURNALCTL = """#!/bin/sh
level=. words=.
while [ $# -gt 0 ]; do
    case $1 in
    -p) [ "$2" = err ] && level='^<3>| error ' || level='^<[34]>| (warn|error) ' ;;
    -g) words=$2 ;;
    -u) ;;
    *) echo "journalctl: $1?"; exit 1 ;;
    esac
    shift 2
done
grep -E -e "$level" '%s' | grep -i -E -e "$words"
"""


class Row:
    """A fault: its number and title, the command, and what that prints, where `…` stands for anything and `N` for a number."""

    def __init__(self, line):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        self.number, self.title = int(cells[0]), re.match(r"\*\*(.+?)\*\*", cells[1])[1]
        self.command, self.prints = (cell.strip("`").replace("\\|", "|") for cell in cells[2:4])
        self.cure = cells[4]

    def is_told_by(self, text):
        """Is what the guide shows in one line of the text? Blanks and tabs are equal."""
        words = [
            r"\s+".join(r"[1-9]\d*" if word == "N" else re.escape(word) for word in part.split())
            for part in self.prints.split("…")
        ]
        return re.search("[^\n]*".join(words), text) is not None


def rows():
    """{title: row} of the list."""
    with open(GUIDE, encoding="utf-8") as file:
        section = re.search(r"^## Three in the morning$(.*?)^## ", file.read(), re.M | re.S)[1]
    found = [Row(line) for line in section.splitlines() if re.match(r"\| \d", line)]
    return {row.title: row for row in found}


def sample(name):
    """The text of that file in the guide: the indented lines behind `# NAME`."""
    with open(GUIDE, encoding="utf-8") as file:
        found = re.search(rf"^    # {re.escape(name)}\n((?:    .*\n|\n(?=    ))+)", file.read(), re.M)
    return textwrap.dedent(found[1])


def alerts():
    """[(name, its annotations)]"""
    with open(ALERTS, encoding="utf-8") as file:
        return [(rule["alert"], rule["annotations"]) for rule in yaml.safe_load(file)["groups"][0]["rules"]]


class Machine:
    """Where the operator sits: programs without a path, the configuration and the journal of the proxy in their usual
    places."""

    def __init__(self, folder, config):
        self.folder, self.journal = str(folder), os.path.join(folder, "journal")
        self._program("ampctl", f"#!/bin/sh\nexec '{os.path.abspath(BUILD)}/ampctl' -c '{config}' \"$@\"\n")
        self._program("astmanproxy", f"#!/bin/sh\nexec '{BINARY}' \"$@\" -c '{config}'\n")
        self._program("journalctl", JOURNALCTL % self.journal)

    def _program(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, stat.S_IRWXU)

    def run(self, command, log=""):
        """Runs a command at a terminal. @return all that it prints"""
        with open(self.journal, "w", encoding="utf-8") as file:
            file.write(log + "\n")
        env = ctl.environment(PATH=f"{self.folder}:/usr/bin:/bin", NO_COLOR="1", COLUMNS="200")
        terminal = ctl.Terminal("-c", command, env=env, program="/bin/sh", width=200)
        try:
            return terminal.finish().out
        finally:
            terminal.close()

    def shows(self, row, log):
        """Runs the row's command until it shows what the guide says, for at most a minute as the guide promises (more
        where AMP_DEADLINE is more)."""
        deadline = Deadline()
        while not row.is_told_by(text := self.run(row.command, log())):
            assert not deadline.passed(), f"{row.command} does not show {row.prints}:\n{text}"
