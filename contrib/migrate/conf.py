"""The settings of astmanproxy.conf as the old program read them: of lines with one name the last counts; each `host`
adds a server."""

import difflib

import legacy
from report import Source


class Conf(Source):
    """The content of astmanproxy.conf. Its methods write what the operator must know into `writer` as comments."""

    def __init__(self, path, content, version, report, writer):
        super().__init__(path, report)
        self.version = version
        self.writer = writer
        self.hosts = []
        self.lines = {}
        self.leftovers = []  # comments about lines that meant nothing or were overridden
        for number, text in legacy.read_lines(content):
            self._take(legacy.read_setting(number, text, version))

    def _take(self, line):
        name = line.name.decode("ascii", "replace")
        if not name:
            return
        if name not in self.version.keys:
            self.leftovers.append(self.look(line.number, self._unknown(name)))
            return
        if len(line.value) > self.version.value_bytes:
            self.look(
                line.number,
                f"{name}: longer than the {self.version.value_bytes} bytes that {self.version.name} had "
                "room for; it is taken as a whole",
            )
        if name == "host":
            self.hosts.append(line)
            return
        if name in self.lines:
            self.leftovers.append(self.look(self.lines[name].number, f"{name} was overridden by line {line.number}"))
        self.lines[name] = line

    def _unknown(self, name):
        shown = "".join(character if character.isprintable() else "?" for character in name)
        text = f'"{shown[:40]}" is no key of {self.version.name}: the old program ignored the line'
        if name in legacy.VERSIONS["1.30"].keys:
            return text + " (1.30 knows it: was --from meant to be another?)"
        near = difflib.get_close_matches(name, sorted(self.version.keys), 1)
        return text + (f' (was "{near[0]}" meant?)' if near else "")

    def number_of(self, name):
        """The line of a key, or None."""
        return self.lines[name].number if name in self.lines else None

    def is_set(self, name):
        return name in self.lines and self.lines[name].value != b""

    def comment_look(self, name, text):
        """A decision for the operator, in the new file and on the terminal."""
        self.writer.comment(self.look(self.number_of(name), f"{name}: {text}"))

    def word(self, name):
        """A value that is one of a few words, lower-cased; "" if it is not set."""
        return legacy.lower(self.lines[name].value).decode("utf-8", "replace") if name in self.lines else ""

    def yes(self, name):
        """A boolean: only `yes` is."""
        word = self.word(name)
        if word not in ("", "yes", "no"):
            self.comment_look(name, 'only "yes" meant yes to the old program: this was read as no')
        return word == "yes"

    def integer(self, name, default, low, high):
        """A number, as its leading digits say. Out of range is a mistake."""
        if name not in self.lines:
            return default
        value, clean = legacy.leading_number(self.lines[name].value)
        if not low <= value <= high:
            self.error(self.number_of(name), f"{name}: expected {low} to {high}, found {value}")
            return default
        if not clean:
            self.comment_look(name, f"not a number as a whole; the old program read {value}")
        return value

    def take_text(self, name):
        """A text, with comments about what reading it lost; "" if it is not set or not usable."""
        if not self.is_set(name):
            return ""
        line = self.lines[name]
        text = self.text(line.number, name, line.value)
        if text and line.losses:
            self.comment_look(name, "as the old program read it: " + "; ".join(line.losses))
        return text or ""
