#!/bin/sh
# Runs in the image, before the package is installed: its user has the same number in every image.
set -eu
echo 'astmanproxy:x:10001:' >>/etc/group
echo 'astmanproxy:x:10001:10001:AMI proxy:/nonexistent:/usr/sbin/nologin' >>/etc/passwd
echo 'astmanproxy:!:19000::::::' >>/etc/shadow
