"""Sends actions of tied users, and finds out whether they reach the server."""

SECRET = "tied-SECRET-T"


def login(proxy, name, **headers):
    client = proxy.connect()
    assert client.login(name, SECRET, **{"Events": "off", **headers})["Response"] == "Success"
    return client


def is_refused(client, pbx, *pairs, message="Action Filtered", **headers):
    """Sends it. Was it refused here, without a word to the server?"""
    client.send(*pairs, *headers.items(), ("ActionID", "t"))
    answer = client.response("t")
    assert answer["Message"] == message, answer
    return answer["Response"] == "Error" and pbx.actions == []


def is_sent(client, pbx, *pairs, **headers):
    """Sends it. @return what the server was sent"""
    taken = []

    def answer(action):
        taken.append(action)
        action.reply("Success")

    name = dict([*pairs, *headers.items()])["Action"]
    pbx.answers[name] = answer
    client.send(*pairs, *headers.items(), ("ActionID", "t"))
    found = client.response("t")
    del pbx.answers[name]
    assert found["Response"] == "Success", found
    return taken[0]
