#!/bin/sh
# Asks a workload of the mesh for a page: client.sh HOST:PORT NAME
set -eu
address=$1
name=$2
directory=${CONTRAST_TLS_DIR:-/contrast/tls-config}

# Without -verify_return_error, s_client goes on after a failed check.
printf 'GET / HTTP/1.0\r\nHost: %s\r\n\r\n' "$name" | openssl s_client -quiet -ign_eof \
  -connect "$address" -servername "$name" \
  -CAfile "$directory/mesh-ca.pem" -verify_return_error -verify_hostname "$name" \
  -cert "$directory/certChain.pem" -cert_chain "$directory/certChain.pem" -key "$directory/key.pem"
