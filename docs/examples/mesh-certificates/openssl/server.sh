#!/bin/sh
# Serves a page to workloads of the mesh: server.sh HOST:PORT [CLIENT]
set -eu
address=$1
directory=${CONTRAST_TLS_DIR:-/contrast/tls-config}

# -Verify demands a certificate, where -verify takes none as well; neither refuses one without -verify_return_error.
exec openssl s_server -www -accept "$address" \
  -CAfile "$directory/mesh-ca.pem" -Verify 1 -verify_return_error ${2:+-verify_hostname "$2"} \
  -cert "$directory/certChain.pem" -cert_chain "$directory/certChain.pem" -key "$directory/key.pem"
