"""What the system tests share: the proxy, the simulator, a scripted server and a client, one class per process or peer."""
