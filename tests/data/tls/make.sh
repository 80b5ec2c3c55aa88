#!/bin/sh
# Makes all files of this folder anew (openssl 3). Run it only when a test needs another certificate.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.pem

cat >"$work/ca.cnf" <<EOF
[ca]
default_ca = here
[here]
database = $work/index.txt
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
[wrong-name]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:pbx.example.net, IP:192.0.2.1
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
EOF
: >"$work/index.txt"

# issue NAME SUBJECT SECTION FROM TO ISSUER|self
issue() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1-key.pem" 2>/dev/null
    openssl req -new -key "$1-key.pem" -subj "/CN=$2" -config /dev/null -out "$work/$1.csr" 2>/dev/null
    if [ "$6" = self ]; then
        set -- "$@" -selfsign -keyfile "$1-key.pem"
    else
        set -- "$@" -cert "$6.pem" -keyfile "$6-key.pem"
    fi
    name=$1 section=$3 begins=$4 ends=$5
    shift 6
    openssl ca -batch -notext -config "$work/ca.cnf" -in "$work/$name.csr" -extensions "$section" -preserveDN \
        -startdate "$begins" -enddate "$ends" "$@" -out "$name.pem" 2>/dev/null
}

from=20200101000000Z to=21200101000000Z
issue ca "astmanproxy test authority" authority $from $to self
issue other-ca "another test authority" authority $from $to self
issue server localhost server $from $to ca
issue expired localhost server $from 20210101000000Z ca
issue wrong-name pbx.example.net wrong-name $from $to ca
issue other-server localhost server $from $to other-ca
issue self-signed localhost server $from $to self
issue client "test client" client $from $to ca
issue other-client "client of another authority" client $from $to other-ca
cat server.pem server-key.pem >server-and-key.pem
openssl pkey -in server-key.pem -aes256 -passout pass:secret -out encrypted-key.pem
openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=localhost -days 36500 -keyout weak-key.pem -out weak.pem 2>/dev/null
rm ca-key.pem other-ca-key.pem
