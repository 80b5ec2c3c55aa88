"""What the system tests share: the proxy, the simulator, a scripted server, clients; one class per process or peer."""
