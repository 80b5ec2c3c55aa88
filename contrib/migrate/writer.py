"""Writes the few shapes of YAML that the configuration needs: mappings, lists of mappings, scalars, lists of scalars."""

import contextlib
import re
import textwrap

_WIDTH = 118
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*|[0-9]+(ms|s)")  # nothing that any YAML takes for something else …
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}  # … but these


def _escaped(character):
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def scalar(value):
    """A value as YAML. Texts that could be read as anything else are quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(scalar(item) for item in value) + "]"
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return '"' + "".join(map(_escaped, value)) + '"'


class Writer:
    """Lines of a YAML file, from top to bottom."""

    def __init__(self):
        self.lines = []
        self.indent = 0
        self.dash = False  # the next key begins an item of a list

    def text(self):
        return "\n".join(self.lines) + "\n"

    def blank(self):
        self.lines.append("")

    def comment(self, text):
        """A comment above what follows, wrapped; whatever the text holds, it stays a comment."""
        indent = " " * (self.indent - (2 if self.dash else 0))
        clean = "".join(character if character.isprintable() else "?" for character in text)
        self.lines += textwrap.wrap(
            clean, _WIDTH, initial_indent=indent + "# ", subsequent_indent=indent + "# ", break_on_hyphens=False
        )

    def _key(self, text):
        indent = " " * self.indent
        if self.dash:
            indent = indent[:-2] + "- "
            self.dash = False
        self.lines.append(indent + text)

    def pair(self, key, value):
        self._key(f"{key}: {scalar(value)}")

    @contextlib.contextmanager
    def mapping(self, key):
        """`key:` and, indented, what is written inside."""
        self._key(key + ":")
        self.indent += 2
        yield
        self.indent -= 2

    @contextlib.contextmanager
    def item(self):
        """An item of a list: its first key gets the dash."""
        self.indent += 2
        self.dash = True
        yield
        self.indent -= 2
