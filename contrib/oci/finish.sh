#!/bin/sh
# Runs in the image, after the package was installed: what both ways of making the image have in common.
set -eu
# The control socket, and a log in a file.
install -d -o astmanproxy -g astmanproxy -m 0750 /run/astmanproxy /var/log/astmanproxy
# What nobody reads in a container, and what differs from one build to the next.
rm -rf /usr/share/doc/* /usr/share/man/* /usr/share/info/* /usr/share/lintian /usr/share/locale/* \
    /var/lib/apt/lists/* /var/cache/* /var/log/*.log /var/log/apt /etc/machine-id /tmp/* /root/.[!.]*
