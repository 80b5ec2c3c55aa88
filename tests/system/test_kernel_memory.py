"""What clients do not read waits in the program, where all have one copy, and not in the kernel."""

from harness.limits import Deadline, scaled
from harness.web import ALL_PLUGINS, Web, listeners

MOST = 256 * 1024  # unsent in the kernel for one client


def unsent(port):
    """{port of the client: bytes that the kernel holds} of the connections to `port` on this machine."""
    held = {}
    with open("/proc/net/tcp", encoding="ascii") as lines:
        for line in list(lines)[1:]:
            fields = line.split()
            if int(fields[1].split(":")[1], 16) == port:
                held[int(fields[2].split(":")[1], 16)] = int(fields[4].split(":")[0], 16)
    return held


def test_f14_clients_that_do_not_read_pin_no_kernel_memory(start_proxy, pbx, workers):
    proxy = start_proxy(
        {"pbx1": pbx}, listen=listeners(reports=True), plugins=ALL_PLUGINS, limits={"output_backlog": "64MiB"}
    )
    slow = [proxy.login("dave", receive_buffer=4096) for _ in range(scaled(10))]
    reader = proxy.login("bill")
    ports = {client.socket.getsockname()[1] for client in slow}
    for number in range(8000):
        pbx.event("Flood", "call,all", Number=number, Filling="x" * 1000)
    pbx.event("Last", "call,all")
    reader.read_until(Event="Last")
    deadline = Deadline()
    while not any(size > 0 for port, size in unsent(proxy.address[1]).items() if port in ports):
        assert not deadline.passed()
    held = {port: size for port, size in unsent(proxy.address[1]).items() if port in ports}
    assert len(held) == len(slow) and max(held.values()) <= MOST, held
    metrics = Web(proxy.addresses[1]).get("/metrics").text
    value = next(line for line in metrics.splitlines() if line.startswith("astmanproxy_unsent_bytes "))
    assert 0 < float(value.split()[1]) <= MOST * len(slow)
    for client in slow:  # nothing is lost for who reads after all
        assert client.read_until(Event="Last")
