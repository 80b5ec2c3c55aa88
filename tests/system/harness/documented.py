"""The events that Asterisk documents (core/ami/events.tsv), made up as messages."""

import os

TABLE = os.path.join(os.path.dirname(__file__), "..", "..", "..", "core", "ami", "events.tsv")
SNAPSHOT = ["Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum"]
SNAPSHOT += ["ConnectedLineName", "Language", "AccountCode", "Context", "Exten", "Priority", "Uniqueid", "Linkedid"]
BRIDGE = ["BridgeUniqueid", "BridgeType", "BridgeTechnology", "BridgeCreator", "BridgeName", "BridgeNumChannels"]
BRIDGE += ["BridgeVideoSourceMode"]

# Headers that hold a secret by their nature; Response is one in ChallengeResponseFailed.
SECRETS = {"NewPassword", "Password", "Md5Cred", "PasswordDigest", "OauthSecret", "RefreshToken", "ReceivedHash"}
SECRETS |= {"ExpectedResponse", "Challenge", "ReceivedChallenge"}

# Other headers that name a channel, by its Uniqueid or its name, besides the blocks.
BY_ID = {"UniqueID", "Uniqueid", "LinkedID", "DestUniqueId", "SwapUniqueid", "SrcUniqueID", "BridgePreviousVideoSource"}
BY_NAME = {"Channel", "DestinationChannel", "DestTransfererChannel", "Peer", "ConnectedChannel", "TalkingToChan"}
BY_NAME |= {"LoggedInChan"}


def read_table():
    """Dicts of the columns; lists of names are lists, the empty prefix is ''."""
    with open(TABLE, encoding="ascii") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    events = []
    for line in lines[1:]:
        event = dict(zip(lines[0], line, strict=True))
        for column in ("channels", "bridges", "headers"):
            names = [] if event[column] == "-" else event[column].split(" ")
            event[column] = ["" if name == "." else name for name in names]
        events.append(event)
    return events


def numbers(name):
    """What stands for an index in the documentation."""
    return name.replace("ReportX", "Report0")


class Maker:
    """Messages of channels that no other message has. `owner`: the start of their names, their context and tenant."""

    def __init__(self):
        self.count, self.first = 0, None

    def channel(self, owner):
        self.count += 1
        return {"owner": owner, "name": f"PJSIP/{owner}-1-{self.count:08x}", "id": f"d.{self.count}"}

    def block(self, prefix, channel, linked):
        values = {"Channel": channel["name"], "Uniqueid": channel["id"], "Linkedid": linked}
        values |= {"Context": channel["owner"], "ChannelState": "6", "ChannelStateDesc": "Up", "Priority": "1"}
        pairs = [(prefix + name, values.get(name, "v" + name)) for name in SNAPSHOT]
        return [*pairs, (prefix + "Tenantid", channel["owner"])]

    def bridge(self, prefix):
        self.count += 1
        values = {"BridgeUniqueid": f"b.{self.count}", "BridgeType": "basic", "BridgeNumChannels": "2"}
        return [(prefix + name, values.get(name, "v" + name)) for name in BRIDGE]

    def value(self, event, name, channel):
        if name in SECRETS or (event == "ChallengeResponseFailed" and name == "Response"):
            return "s3cr3t" + name
        if event == "LogChannel" and name == "Channel":
            return "/var/log/asterisk/full"
        if name in BY_ID:
            return channel["id"]
        if name in BY_NAME and (name != "Peer" or event == "CEL"):
            return channel["name"]
        if name == "Context":
            return channel["owner"]
        return "v" + name

    def announce(self):
        """The Newchannel of the first channel of the last message."""
        return [("Event", "Newchannel"), ("Privilege", "call,all"), *self.block("", self.first, self.first["id"])]

    def make(self, event, mark, owner, last=None):
        """@param last  the owner of the last channel in it, if another. @return pairs of names and values"""
        pairs = [("Event", event["name"]), ("Privilege", event["classes"] + ",all")]
        first = self.first = self.channel(owner)
        for place, prefix in enumerate(event["channels"]):
            is_last = place > 0 and place == len(event["channels"]) - 1
            channel = first if place == 0 else self.channel(last if last and is_last else owner)
            pairs += self.block(prefix, channel, first["id"])
        for prefix in event["bridges"]:
            pairs += self.bridge(prefix)
        done = {name for name, _ in pairs} | {"ActionID"}  # with one it would be an answer to somebody
        for name in map(numbers, event["headers"]):
            if name not in done:
                pairs.append((name, self.value(event["name"], name, first)))
        if event["name"] == "CEL":
            pairs = [pair for pair in pairs if pair[0] != "TenantID"] + [("TenantID", owner)]
        return [*pairs, ("Mark", mark)]
