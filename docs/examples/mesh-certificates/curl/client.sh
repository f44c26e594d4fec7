#!/bin/sh
# Asks a workload of the mesh for a page: client.sh HOST:PORT NAME
set -eu
address=$1
name=$2
directory=${CONTRAST_TLS_DIR:-/contrast/tls-config}

# Without --capath, builds such as Debian's trust the authorities of the machine beside --cacert.
exec curl --silent --show-error --fail \
  --cacert "$directory/mesh-ca.pem" --capath /dev/null \
  --cert "$directory/certChain.pem" --key "$directory/key.pem" \
  --connect-to "$name:443:$address" "https://$name/"
