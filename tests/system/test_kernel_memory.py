"""Output that clients do not read stays in the program, where sessions share one copy, and not in the kernel."""

from harness.limits import Deadline, scaled
from harness.web import ALL_PLUGINS, Web, listeners

MOST = 256 * 1024  # unsent in the kernel for one client
MOST_LAGGING = 96 * 1024  # … that has read nothing for a while: 16 KiB, and the segment that is begun


def unsent(port):
    """{port of the client: bytes that the kernel holds} of the connections to `port` on this machine."""
    held = {}
    with open("/proc/net/tcp", encoding="ascii") as lines:
        for line in list(lines)[1:]:
            fields = line.split()
            if int(fields[1].split(":")[1], 16) == port:
                held[int(fields[2].split(":")[1], 16)] = int(fields[4].split(":")[0], 16)
    return held


def flood(pbx, count):
    for number in range(count):
        pbx.event("Flood", "call,all", Number=number, Filling="x" * 1000)


def wait_for_held(proxy, clients):
    """-> [bytes] that the kernel holds for each, once it holds some for all."""
    ports = {client.socket.getsockname()[1] for client in clients}
    deadline = Deadline()
    while True:
        held = [size for port, size in unsent(proxy.address[1]).items() if port in ports]
        if len(held) == len(clients) and all(held):
            return held
        assert not deadline.passed(), held


def test_f14_clients_that_do_not_read_pin_no_kernel_memory(start_proxy, pbx, workers):
    """400 of them: the kernel holds at most its bound for each, and a metric shows the sum."""
    proxy = start_proxy(
        {"pbx1": pbx}, listen=listeners(reports=True), plugins=ALL_PLUGINS, limits={"output_backlog": "64MiB"}
    )
    slow = [proxy.login("dave", receive_buffer=4096) for _ in range(scaled(400))]
    reader = proxy.login("bill")
    flood(pbx, 1000)
    pbx.event("Last", "call,all")
    reader.read_until(Event="Last")
    held = wait_for_held(proxy, slow)
    assert max(held) <= MOST, max(held)
    metrics = Web(proxy.addresses[1]).get("/metrics").text
    value = next(line for line in metrics.splitlines() if line.startswith("astmanproxy_unsent_bytes "))
    assert 0 < float(value.split()[1]) <= MOST * len(slow)
    for client in slow[:10]:  # nothing is lost for who reads after all
        assert client.read_until(Event="Last")


def test_f14_a_client_that_lags_is_given_little_until_it_has_caught_up(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"output_backlog": "64MiB"})
    slow, reader = proxy.login("dave", receive_buffer=4096), proxy.login("bill")
    flood(pbx, 2000)
    deadline = Deadline()
    while not proxy.log_contains("client lags"):  # it is looked at when there is something for it
        flood(pbx, 1)
        reader.read_until(Event="Flood")
        assert not deadline.passed()
    pbx.event("Last", "call,all")
    reader.read_until(Event="Last")
    while wait_for_held(proxy, [slow])[0] > MOST_LAGGING:  # of what the kernel had before
        slow.read_message()
    for _ in range(50):  # from now on it stays so
        slow.read_message()
        assert wait_for_held(proxy, [slow])[0] <= MOST_LAGGING
    assert slow.read_until(Event="Last")
    proxy.wait_for_line("client has caught up")
