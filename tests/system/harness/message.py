"""One AMI message: ordered headers. Text is Latin-1, so every byte goes there and back unchanged."""

CHARSET = "latin-1"


class Message:
    """A block as it came, and its headers. `text` is the block with LF line ends and without the blank line."""

    def __init__(self, block):
        self.raw = block
        self.text = block.decode(CHARSET).replace("\r\n", "\n")
        self.headers = []
        for line in block.decode(CHARSET).split("\r\n"):
            name, colon, value = line.partition(":")
            self.headers.append((name, value.removeprefix(" ")) if colon else ("", line))  # one blank is the separator

    def get(self, name, default=None):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return default

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __getitem__(self, name):
        value = self.get(name)
        if value is None:
            raise KeyError(f"no {name} in:\n{self.text}")
        return value

    def __contains__(self, name):
        return self.get(name) is not None

    @property
    def kind(self):
        """Name of the first header: it alone tells a response from an event."""
        return self.headers[0][0].lower()

    @property
    def last(self):
        return self.headers[-1]

    def matches(self, wanted):
        return all(self.get(name) == value for name, value in wanted.items())

    def __repr__(self):
        return f"<{self.text!r}>"


def encode(pairs, end="\r\n"):
    """The bytes of a message of (name, value) pairs, its blank line included."""
    return ("".join(f"{name}: {value}{end}" for name, value in pairs) + end).encode(CHARSET)


def split(buffer):
    """Cuts complete messages off `buffer`: (messages, rest). Lines of peers under test end in CR LF."""
    blocks = buffer.split(b"\r\n\r\n")
    return [Message(block) for block in blocks[:-1]], blocks[-1]
