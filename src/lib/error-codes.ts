/**
 * Why a command ended, seen by a script. Each class has one exit status where structured output was asked for
 * (`src/cli/exit-status-table.ts`); "could not check" and "checked and refused" are different classes.
 */
export type ErrorClass =
  "usage" | "rejected" | "mismatch" | "unreachable" | "collateral" | "input" | "recovery" | "internal" | "interrupted";

interface ErrorCodeEntry {
  readonly class: ErrorClass;
  readonly meaning: string;
}

/** Every error code of the program. A code is never renamed or reused; the documentation is made from this table. */
export const ERROR_CODES = {
  // lib
  "lib/internal": { class: "internal", meaning: "A rule of the program itself was broken; this is a defect." },
  "lib/interrupted": { class: "interrupted", meaning: "The user asked the program to stop." },
  "lib/file-unreadable": { class: "input", meaning: "A file or directory could not be read." },
  "lib/file-unwritable": { class: "input", meaning: "A file could not be written; the previous content is kept." },
  "lib/file-too-large": { class: "input", meaning: "A file is larger than the program is willing to read." },
  "lib/text-not-utf8": { class: "input", meaning: "A text file contains bytes that are not UTF-8." },
  "lib/json-invalid": { class: "input", meaning: "A text is not JSON, or is nested or sized beyond the limits." },
  "lib/toml-invalid": { class: "input", meaning: "A text is not TOML, or is nested or sized beyond the limits." },
  "lib/json-wrong-type": { class: "input", meaning: "A JSON value has another type than its field." },
  "lib/json-out-of-range": { class: "input", meaning: "A JSON number does not fit its field." },
  "lib/input-problems": { class: "input", meaning: "The input has the problems that are listed one by one." },
  "lib/offline": { class: "input", meaning: "Something needs the network, which was switched off." },
  "lib/network-unreachable": {
    class: "unreachable",
    meaning: "A web service cannot be reached, or the connection broke.",
  },
  "lib/network-timeout": { class: "unreachable", meaning: "A web service did not answer in time." },
  "lib/tls-failed": { class: "unreachable", meaning: "A web service has no certificate that is trusted here." },
  "lib/tar-invalid": {
    class: "input",
    meaning: "A tar archive is damaged, too large, or holds what this program never writes.",
  },
  "lib/volume-unusable": { class: "input", meaning: "A block device could not be recognised, formatted or mounted." },
  "lib/file-not-regular": {
    class: "input",
    meaning: "Something else is where a file or directory should be, such as a symbolic link or a pipe.",
  },
  "lib/program-failed": { class: "input", meaning: "A helper program could not be run to its end." },

  // terminal
  "terminal/unknown-flag": { class: "usage", meaning: "The command has no flag of that name." },
  "terminal/flag-syntax": { class: "usage", meaning: "A word begins like a flag but is not written as one." },
  "terminal/flag-needs-argument": { class: "usage", meaning: "A flag that takes a value was the last word." },
  "terminal/invalid-argument": { class: "usage", meaning: "A flag or a command does not take that value." },
  "terminal/required-flag": { class: "usage", meaning: "A flag that the command cannot do without was not given." },
  "terminal/exclusive-flags": { class: "usage", meaning: "Flags were given together that contradict each other." },
  "terminal/unknown-command": { class: "usage", meaning: "There is no command of that name." },
  "terminal/unknown-code": { class: "usage", meaning: "There is no error code of that name." },
  "terminal/argument-count": { class: "usage", meaning: "The command was given too few or too many arguments." },
  "terminal/invalid-log-level": { class: "usage", meaning: "The log level is neither a known name nor an integer." },

  // cli
  "cli/output-failed": { class: "input", meaning: "The result could not be written to standard output." },
  "cli/input-failed": { class: "input", meaning: "Standard input could not be read, or holds too much." },
  "cli/unsafe-runtime": { class: "internal", meaning: "The program was started without its code generation lock." },

  // pki
  "pki/pem-missing": { class: "input", meaning: "A file has no PEM block." },
  "pki/pem-invalid": { class: "input", meaning: "A PEM block of a file is malformed, or the file has too many." },
  "pki/der-invalid": { class: "input", meaning: "Bytes do not follow the rules of DER." },
  "pki/certificate-invalid": { class: "input", meaning: "A certificate is malformed or contradicts itself." },
  "pki/crl-invalid": {
    class: "input",
    meaning: "A revocation list is malformed, contradicts itself, or is of a kind that is not used here.",
  },
  "pki/key-invalid": { class: "input", meaning: "Bytes are not a public key of the wanted kind." },
  "pki/decryption-failed": { class: "input", meaning: "A secret is encrypted for another key, or is damaged." },
  "pki/signature-invalid": { class: "rejected", meaning: "A signature does not match what it should cover." },
  "pki/algorithm-unsupported": {
    class: "rejected",
    meaning: "A signature uses an algorithm or parameters that are not accepted.",
  },
  "pki/issuer-mismatch": { class: "rejected", meaning: "A certificate or revocation list names another issuer." },
  "pki/certificate-expired": { class: "rejected", meaning: "A certificate is no longer valid." },
  "pki/certificate-not-yet-valid": { class: "rejected", meaning: "A certificate is not valid yet." },
  "pki/not-a-ca": { class: "rejected", meaning: "A certificate is signed by one that may not sign certificates." },
  "pki/path-too-long": { class: "rejected", meaning: "A chain has more authorities than one of them allows." },
  "pki/key-usage-forbidden": { class: "rejected", meaning: "A key was used for what its certificate does not allow." },
  "pki/critical-extension-unknown": {
    class: "rejected",
    meaning: "A certificate has a critical extension whose meaning is not known.",
  },
  "pki/crl-expired": { class: "collateral", meaning: "A revocation list is too old, or does not say when it is." },
  "pki/crl-not-yet-valid": { class: "collateral", meaning: "A revocation list is from a later time." },

  // rego
  "rego/module-invalid": {
    class: "internal",
    meaning: "The compiled policy rules cannot be loaded, or need functions of their host.",
  },
  "rego/entry-point-unknown": { class: "input", meaning: "The policy rules have no request of this kind." },
  "rego/evaluation-failed": {
    class: "input",
    meaning: "The policy engine stopped: contradicting rules, or a policy or request beyond its memory.",
  },
  "rego/result-invalid": { class: "input", meaning: "A policy rule has a value that is not a decision." },
  "rego/policy-too-large": { class: "input", meaning: "A policy text is larger than any guest would load." },
  "rego/syntax-invalid": { class: "input", meaning: "A policy text is not Rego that the engine of the guests reads." },
  "rego/limit-exceeded": {
    class: "input",
    meaning: "A policy takes more time, memory or recursion than the policy engine grants.",
  },
  "rego/state-change-failed": {
    class: "input",
    meaning: "An allowed request removes something from the policy state that is not there.",
  },

  // kubernetes
  "kubernetes/yaml-encoding": { class: "input", meaning: "A YAML file contains bytes that are not UTF-8." },
  "kubernetes/yaml-character": {
    class: "input",
    meaning: "A YAML file contains a character that YAML readers refuse or read differently.",
  },
  "kubernetes/yaml-syntax": { class: "input", meaning: "A document is not YAML." },
  "kubernetes/yaml-too-complex": {
    class: "input",
    meaning: "A document is nested, sized or expanded by aliases beyond the limits.",
  },
  "kubernetes/yaml-alias": { class: "input", meaning: "An alias has no anchor, or an anchored value contains itself." },
  "kubernetes/yaml-duplicate-key": { class: "input", meaning: "A key is written twice in one map." },
  "kubernetes/yaml-value": { class: "input", meaning: "A scalar or key has no meaning for Kubernetes." },
  "kubernetes/object-invalid": { class: "input", meaning: "A document or List item is not a Kubernetes object." },
  "kubernetes/field-type": { class: "input", meaning: "A field of a Kubernetes object has the wrong type." },
  "kubernetes/field-missing": { class: "input", meaning: "A field that Kubernetes requires is missing." },
  "kubernetes/duplicate-object": {
    class: "input",
    meaning: "Two ConfigMaps or Secrets of one name have different contents.",
  },
  "kubernetes/quantity-invalid": { class: "input", meaning: "A resource quantity cannot be read." },
  "kubernetes/path-missing": { class: "input", meaning: "A path given as argument does not exist." },
  "kubernetes/file-unreadable": { class: "input", meaning: "A YAML file or directory of the input cannot be read." },
  "kubernetes/no-yaml-files": { class: "input", meaning: "The given paths hold no YAML files." },
  "kubernetes/no-targets": { class: "input", meaning: "No pod spec in the input has a confidential runtime class." },
  "kubernetes/edit-mismatch": {
    class: "internal",
    meaning: "An edited document would not mean what it should; nothing is written.",
  },

  // oci
  "oci/reference-invalid": { class: "input", meaning: "An image reference does not follow the grammar." },
  "oci/image-source-invalid": {
    class: "usage",
    meaning: "An option that names a local image or a mirror is malformed.",
  },
  "oci/ca-invalid": { class: "input", meaning: "The file with certificates for registries has no certificate." },
  "oci/image-not-found": { class: "input", meaning: "A registry or local image source has no such image." },
  "oci/unauthorised": { class: "unreachable", meaning: "A registry refuses access with the credentials at hand." },
  "oci/registry-unreachable": {
    class: "unreachable",
    meaning: "A registry cannot be reached, or its certificate is not trusted.",
  },
  "oci/registry-timeout": { class: "unreachable", meaning: "A registry did not answer in time." },
  "oci/registry-overloaded": { class: "unreachable", meaning: "A registry answers that it is overloaded or broken." },
  "oci/registry-answer-invalid": {
    class: "unreachable",
    meaning: "A registry or its token service answers outside of the protocol.",
  },
  "oci/auth-file-invalid": { class: "input", meaning: "A file with registry credentials is malformed." },
  "oci/credential-helper-failed": { class: "input", meaning: "A credential helper could not be asked." },
  "oci/digest-mismatch": { class: "rejected", meaning: "Image data does not have the digest that was promised." },
  "oci/size-mismatch": { class: "rejected", meaning: "Image data does not have the size that was promised." },
  "oci/media-type-mismatch": { class: "rejected", meaning: "Image data is of another type than was claimed." },
  "oci/media-type-unsupported": { class: "input", meaning: "Image data is of a type that cannot be used." },
  "oci/digest-unprovable": { class: "input", meaning: "A docker-archive cannot prove a registry digest." },
  "oci/platform-missing": { class: "input", meaning: "An image does not exist for linux/amd64." },
  "oci/manifest-invalid": { class: "input", meaning: "An image index or manifest is malformed." },
  "oci/config-invalid": { class: "input", meaning: "An image configuration is malformed." },
  "oci/layer-invalid": { class: "input", meaning: "An image layer is damaged or contradicts itself." },
  "oci/layer-too-large": { class: "input", meaning: "An image layer expands beyond the limits." },
  "oci/layer-unsupported": {
    class: "input",
    meaning: "An image layer is encrypted or may not be fetched from the registry.",
  },
  "oci/archive-invalid": {
    class: "input",
    meaning: "A local image is neither an OCI layout nor a docker-archive, or is damaged.",
  },
  "oci/offline-missing": { class: "input", meaning: "Image data is not at hand and the network was switched off." },

  // attestation: collateral
  "attestation/collateral-not-found": {
    class: "collateral",
    meaning: "A vendor's service does not know the collateral that it was asked for.",
  },
  "attestation/collateral-service-busy": {
    class: "collateral",
    meaning: "A vendor's service throttles requests or is in trouble.",
  },
  "attestation/collateral-answer-invalid": {
    class: "collateral",
    meaning: "A vendor's service or its mirror answers outside of the protocol.",
  },
  "attestation/collateral-missing": {
    class: "collateral",
    meaning: "Collateral could not be had, or only copies whose dates have passed.",
  },
  "attestation/collateral-file-invalid": {
    class: "input",
    meaning: "A file with collateral is neither a bundle nor TDX collateral in JSON, or is damaged.",
  },
  "attestation/bundle-invalid": {
    class: "input",
    meaning: "A collateral bundle contradicts itself or holds what it does not list.",
  },
  "attestation/mirror-invalid": { class: "usage", meaning: "The address of a mirror cannot be used." },
  "attestation/mirror-ca-invalid": { class: "input", meaning: "The file with certificates for mirrors has none." },
  "attestation/cache-unusable": { class: "input", meaning: "There is no cache of collateral that can be written." },
  "attestation/import-refused": {
    class: "rejected",
    meaning: "Collateral of a file is not signed by the vendor, or is not what it claims to be.",
  },
  "attestation/nothing-needed": { class: "usage", meaning: "The command was not told for what collateral is needed." },

  // issuer
  "issuer/no-tee": { class: "input", meaning: "This machine has none of the interfaces that make evidence." },
  "issuer/quotes-unavailable": {
    class: "input",
    meaning: "This machine is a TDX guest whose kernel makes no quotes.",
  },
  "issuer/provider-unsupported": {
    class: "input",
    meaning: "The kernel makes evidence of a kind that is not supported.",
  },
  "issuer/provider-missing": { class: "input", meaning: "The kernel has no driver that can make evidence." },
  "issuer/forbidden": { class: "input", meaning: "The program may not use the kernel's interface for evidence." },
  "issuer/interface-unusable": {
    class: "internal",
    meaning: "The C library that is needed to talk to the device was not found.",
  },
  "issuer/busy": { class: "unreachable", meaning: "The machine took no request for evidence, however often asked." },
  "issuer/disturbed": { class: "unreachable", meaning: "Somebody else wrote to the request for evidence each time." },
  "issuer/request-refused": { class: "internal", meaning: "The kernel refuses a request for evidence as wrong." },
  "issuer/host-silent": { class: "unreachable", meaning: "The host did not answer a request for evidence in time." },
  "issuer/host-failed": {
    class: "unreachable",
    meaning: "The firmware or the host failed to answer a request for evidence.",
  },
  "issuer/kernel-error": { class: "internal", meaning: "The kernel failed a request for evidence unexpectedly." },
  "issuer/report-malformed": { class: "internal", meaning: "What the kernel handed out is no report or quote." },
  "issuer/report-data-differs": {
    class: "internal",
    meaning: "A report or quote is bound to other data than was asked for.",
  },
  "issuer/certificates-malformed": {
    class: "input",
    meaning: "The certificate table that the host gave to the machine is damaged.",
  },
  "issuer/thim-invalid": {
    class: "unreachable",
    meaning: "Azure's service for certificates of the machine did not answer as it should.",
  },

  // servicemesh
  "servicemesh/entry-malformed": {
    class: "input",
    meaning: "An entry of a service mesh annotation does not have three fields.",
  },
  "servicemesh/entry-empty": {
    class: "input",
    meaning: "A separator in a service mesh annotation has nothing on one side.",
  },
  "servicemesh/field-space": {
    class: "input",
    meaning: "A field of a service mesh annotation has white space around it.",
  },
  "servicemesh/port-invalid": {
    class: "input",
    meaning: "A port in a service mesh annotation is not a number from 1 to 65535.",
  },
  "servicemesh/port-reserved": {
    class: "input",
    meaning: "A service mesh annotation uses a port of the proxy itself.",
  },
  "servicemesh/port-twice": { class: "input", meaning: "Two ingress entries name the same port and say the same." },
  "servicemesh/port-conflict": { class: "input", meaning: "Two settings of the service mesh claim one port." },
  "servicemesh/boolean-invalid": {
    class: "input",
    meaning: "The third field of an ingress entry is neither true nor false.",
  },
  "servicemesh/name-empty": { class: "input", meaning: "An entry of a service mesh annotation has no name." },
  "servicemesh/name-reserved": { class: "input", meaning: "An egress entry has a name that the proxy uses itself." },
  "servicemesh/name-twice": { class: "input", meaning: "Two egress entries have the same name." },
  "servicemesh/listen-invalid": {
    class: "input",
    meaning: "The listen address of an egress entry is not an IPv4 loopback address with a port.",
  },
  "servicemesh/listener-twice": { class: "input", meaning: "Two egress entries listen on the same address and port." },
  "servicemesh/remote-invalid": { class: "input", meaning: "The remote of an egress entry is not a host with a port." },
  "servicemesh/remote-ipv6": {
    class: "input",
    meaning: "The remote of an egress entry is an IPv6 address, which the proxy does not use.",
  },
  "servicemesh/remote-underscore": {
    class: "input",
    meaning: "The remote of an egress entry has an underscore in its name.",
  },
  "servicemesh/egress-empty": { class: "input", meaning: "The egress annotation is present and empty." },
  "servicemesh/protection-invalid": {
    class: "input",
    meaning: "What is to happen to IPv6 or UDP in the service mesh is none of the known words.",
  },
  "servicemesh/image-unable": {
    class: "input",
    meaning: "The image of the sidecar is the original's, which knows nothing about IPv6 and UDP.",
  },
  "servicemesh/tls-file-missing": {
    class: "input",
    meaning: "A file that the Initializer writes for the sidecar is not there.",
  },
  "servicemesh/tls-file-invalid": {
    class: "input",
    meaning: "A certificate or key of the sidecar cannot be read, or the two do not belong together.",
  },
  "servicemesh/envoy-missing": { class: "input", meaning: "The sidecar does not find the program Envoy." },
  "servicemesh/rules-failed": { class: "input", meaning: "The packet-filter rules of a pod could not be installed." },

  // proto
  "proto/message-invalid": { class: "input", meaning: "The bytes of a protobuf message do not have its form." },

  // atls
  "atls/endpoint-invalid": { class: "usage", meaning: "The address of a Coordinator is not HOST:PORT." },
  "atls/unreachable": { class: "unreachable", meaning: "No TCP connection to the Coordinator could be made." },
  "atls/handshake-closed": {
    class: "unreachable",
    meaning: "The Coordinator closed the connection before the TLS handshake was done.",
  },
  "atls/timeout": { class: "unreachable", meaning: "The TLS connection to the Coordinator was not made in time." },
  "atls/not-tls": { class: "unreachable", meaning: "The address of the Coordinator does not answer in TLS." },
  "atls/handshake-refused": {
    class: "unreachable",
    meaning: "The TLS handshake ended with an alert, or the two sides have no protocol in common.",
  },
  "atls/no-http2": { class: "unreachable", meaning: "The server does not speak HTTP/2, as a Coordinator does." },
  "atls/attestation-timeout": {
    class: "collateral",
    meaning: "The connection was made, but the evidence could not be judged in time.",
  },
  "atls/certificate-invalid": {
    class: "rejected",
    meaning: "The certificate of the peer is malformed or was not signed with its own key.",
  },
  "atls/certificate-expired": {
    class: "rejected",
    meaning: "The certificate of the peer is not valid at the time of the local clock.",
  },
  "atls/key-unproven": {
    class: "rejected",
    meaning: "The peer could not prove that it holds the key of its certificate.",
  },
  "atls/no-evidence": { class: "rejected", meaning: "The certificate of the peer carries no evidence." },
  "atls/no-certificate-request": {
    class: "unreachable",
    meaning: "The server does not ask for the evidence of the client, as the mesh API of a Coordinator does.",
  },
  "atls/server-nonce-invalid": {
    class: "unreachable",
    meaning: "The server asks for a certificate, but names no nonce for the client's evidence.",
  },
  "atls/handshake-invalid": { class: "unreachable", meaning: "The messages of a TLS handshake break its protocol." },
  "atls/late-certificate-unsupported": {
    class: "internal",
    meaning: "The TLS of this build cannot send a certificate that depends on the server's nonce; this is a defect.",
  },
  "atls/client-key-unsupported": {
    class: "input",
    meaning: "A private key cannot be used as client key: it is neither an elliptic curve key nor an RSA key.",
  },

  // atls: servers
  "atls/listen-failed": { class: "input", meaning: "A server could not listen on its address." },
  "atls/hello-invalid": { class: "rejected", meaning: "What a client sent first is not a ClientHello of TLS." },
  "atls/nonce-invalid": {
    class: "rejected",
    meaning: "A client sent no nonce for the evidence, or not in a known form.",
  },
  "atls/protocol-missing": { class: "rejected", meaning: "A client does not offer HTTP/2." },
  "atls/client-closed": {
    class: "unreachable",
    meaning: "A client ended the connection before its handshake was done.",
  },
  "atls/client-timeout": { class: "unreachable", meaning: "The handshake with a client was not done in time." },
  "atls/client-refused": { class: "rejected", meaning: "The TLS handshake with a client failed." },
  "atls/client-certificate-missing": {
    class: "rejected",
    meaning: "A client that must be attested presented no certificate.",
  },
  "atls/too-many-connections": { class: "unreachable", meaning: "There are too many connections for another one." },

  // attestation
  "attestation/rejected": { class: "rejected", meaning: "Evidence was checked and refused." },
  "attestation/unchecked": {
    class: "collateral",
    meaning: "Nothing about the evidence was refused, but something could not be checked.",
  },
  "attestation/no-reference-values": {
    class: "rejected",
    meaning: "The evidence is of a kind of hardware for which the manifest has no reference values.",
  },
  "attestation/evidence-unknown": {
    class: "input",
    meaning: "A certificate carries no evidence of a known kind, or a file is none.",
  },
  "attestation/trust-roots-invalid": {
    class: "input",
    meaning: "A file with trust roots holds something else than certificates in the place of a vendor's.",
  },

  // attestation/snp
  "snp/report-length-wrong": { class: "input", meaning: "An SNP report does not have 1184 bytes." },
  "snp/report-version-unknown": { class: "input", meaning: "An SNP report has a version other than 2 to 5." },
  "snp/report-reserved-set": { class: "input", meaning: "A byte of an SNP report that must be zero is not." },
  "snp/policy-reserved-set": {
    class: "input",
    meaning: "The guest policy of an SNP report has reserved bits set, or lacks the one that is always set.",
  },
  "snp/signer-info-invalid": { class: "input", meaning: "An SNP report names a signing key that does not exist." },
  "snp/attestation-invalid": {
    class: "input",
    meaning: "SNP evidence is not the protobuf message that it should be, or a field of it has a wrong size.",
  },
  "snp/product-unknown": { class: "rejected", meaning: "An SNP report is from a processor of no known product line." },
  "snp/product-undetermined": {
    class: "collateral",
    meaning: "Nothing says from which product line an SNP report of version 2 is.",
  },
  "snp/product-mismatch": {
    class: "rejected",
    meaning: "Evidence is from another product line than the reference values are for.",
  },
  "snp/signing-key-none": { class: "rejected", meaning: "An SNP report was signed by no key." },
  "snp/vlek-unsupported": {
    class: "rejected",
    meaning: "An SNP report is signed by a key of a cloud provider, which reference values cannot allow.",
  },
  "snp/certificate-unreadable": { class: "rejected", meaning: "The certificate of an SNP signing key is malformed." },
  "snp/certificate-form-wrong": {
    class: "rejected",
    meaning: "The certificate of an SNP signing key does not look as AMD makes them.",
  },
  "snp/certificate-extensions-invalid": {
    class: "rejected",
    meaning: "The extensions of AMD in a certificate are incomplete or malformed.",
  },
  "snp/certificate-product-wrong": {
    class: "rejected",
    meaning: "The certificate of an SNP signing key is for another product line than the report is from.",
  },
  "snp/certificate-tcb-wrong": {
    class: "rejected",
    meaning: "The certificate of an SNP signing key is for another TCB than the reported one.",
  },
  "snp/certificate-chip-wrong": {
    class: "rejected",
    meaning: "The certificate of an SNP signing key is that of another chip.",
  },
  "snp/issuer-revoked": {
    class: "rejected",
    meaning: "AMD revoked the certificate that signs the certificates of chips or providers.",
  },
  "snp/signature-algorithm-unknown": {
    class: "rejected",
    meaning: "An SNP report names a signature algorithm that does not exist.",
  },
  "snp/signature-invalid": {
    class: "rejected",
    meaning: "The signature of an SNP report does not fit its content and certificate.",
  },
  "snp/report-data-wrong": {
    class: "rejected",
    meaning: "An SNP report is bound to other data: another connection, key or question.",
  },
  "snp/host-data-wrong": { class: "rejected", meaning: "An SNP guest was launched with another policy than expected." },
  "snp/measurement-wrong": {
    class: "rejected",
    meaning: "An SNP guest was launched with other firmware, kernel or command line than expected.",
  },
  "snp/guest-policy-wrong": {
    class: "rejected",
    meaning: "The guest policy of an SNP guest allows more, or demands less, than expected.",
  },
  "snp/vmpl-wrong": {
    class: "rejected",
    meaning: "An SNP report was asked for by a less privileged level of the guest.",
  },
  "snp/tcb-low": { class: "rejected", meaning: "The reported TCB of an SNP machine is below the minimum." },
  "snp/launch-tcb-low": {
    class: "rejected",
    meaning: "The TCB of an SNP machine was below the minimum when the guest was launched.",
  },
  "snp/tcb-order": { class: "rejected", meaning: "The TCB versions of an SNP report contradict each other." },
  "snp/firmware-order": { class: "rejected", meaning: "The firmware versions of an SNP report contradict each other." },
  "snp/platform-info-wrong": {
    class: "rejected",
    meaning: "An SNP host has features switched on or off against what is expected.",
  },
  "snp/chip-not-allowed": {
    class: "rejected",
    meaning: "An SNP report is from a chip that the reference values do not list.",
  },
  "snp/mitigation-missing": {
    class: "rejected",
    meaning: "An SNP machine lacks a mitigation that the reference values demand.",
  },
  "snp/vcek-missing": { class: "collateral", meaning: "The certificate of an SNP chip could not be found." },
  "snp/vlek-missing": {
    class: "collateral",
    meaning: "The certificate of a cloud provider's signing key did not come with the evidence.",
  },
  "snp/chip-id-masked": {
    class: "collateral",
    meaning: "The host masks its chip id, so the certificate of the chip cannot be looked up.",
  },
  "snp/crl-form-wrong": { class: "rejected", meaning: "A revocation list is not signed in the way of AMD." },
  "snp/crl-missing": { class: "collateral", meaning: "The revocation list of AMD could not be found." },
  "snp/crl-unreadable": { class: "collateral", meaning: "The revocation list of AMD is malformed." },
  "snp/not-checked": {
    class: "collateral",
    meaning: "A check could not be made, because something that it builds on could not be used.",
  },
  "snp/collateral-wrong": {
    class: "collateral",
    meaning: "What AMD's service or a copy of it delivered is not what was asked for.",
  },

  // attestation/tdx
  "tdx/quote-invalid": {
    class: "input",
    meaning: "A TDX quote is cut off, too large, or its size fields do not fit together.",
  },
  "tdx/quote-is-sgx": {
    class: "rejected",
    meaning: "A quote is of an SGX enclave; it says nothing about a TDX guest.",
  },
  "tdx/quote-unsupported": {
    class: "rejected",
    meaning: "A TDX quote has a version, key type or certification data that cannot be read here or in this form.",
  },
  "tdx/evidence-invalid": {
    class: "input",
    meaning: "TDX evidence in a certificate is not the message it should be, or its fields have wrong sizes.",
  },
  "tdx/pck-chain-invalid": {
    class: "input",
    meaning: "A TDX quote does not carry exactly three readable certificates.",
  },
  "tdx/pck-extension-invalid": {
    class: "input",
    meaning: "The PCK certificate of a TDX quote has no readable SGX extension.",
  },
  "tdx/chain-profile": {
    class: "rejected",
    meaning: "A certificate or revocation list has names, algorithms or extensions that Intel's never have.",
  },
  "tdx/root-untrusted": { class: "rejected", meaning: "A certificate chain ends in a root that is not Intel's." },
  "tdx/certificate-revoked": { class: "rejected", meaning: "Intel revoked a certificate that the evidence rests on." },
  "tdx/attestation-key-invalid": {
    class: "rejected",
    meaning: "The attestation key of a quote is not a point of its curve.",
  },
  "tdx/quote-signature-invalid": {
    class: "rejected",
    meaning: "The signature of a quote does not fit its header and body: they were changed.",
  },
  "tdx/qe-signature-invalid": {
    class: "rejected",
    meaning: "The report of the quoting enclave was not signed by the platform's certified key.",
  },
  "tdx/qe-binding-invalid": {
    class: "rejected",
    meaning: "The quoting enclave vouches for another attestation key than the one in the quote.",
  },
  "tdx/collateral-missing": {
    class: "collateral",
    meaning: "TCB info, QE identity or a revocation list is not at hand, so something could not be checked.",
  },
  "tdx/collateral-expired": {
    class: "collateral",
    meaning: "TCB info, QE identity, a revocation list or the certificate above them has expired.",
  },
  "tdx/collateral-not-yet-valid": {
    class: "collateral",
    meaning: "TCB info, QE identity or a revocation list was issued after the time that is judged.",
  },
  "tdx/collateral-invalid": {
    class: "input",
    meaning: "TCB info, QE identity, a revocation list or an issuer chain cannot be read, or was refused.",
  },
  "tdx/collateral-signature-invalid": {
    class: "rejected",
    meaning: "The signature of TCB info or QE identity does not fit its text.",
  },
  "tdx/collateral-wrong": {
    class: "rejected",
    meaning: "Collateral is about something else: another processor family, kind of enclave or version.",
  },
  "tdx/module-wrong": { class: "rejected", meaning: "The TDX module has another signer or other attributes." },
  "tdx/tcb-level-none": { class: "rejected", meaning: "The platform is below every TCB level that Intel lists." },
  "tdx/module-level-none": {
    class: "rejected",
    meaning: "The TDX module is not one that Intel lists, or below every level of it.",
  },
  "tdx/tcb-status": {
    class: "rejected",
    meaning: "Intel says that platform or TDX module are not up to date, or not configured as they should be.",
  },
  "tdx/qe-wrong": { class: "rejected", meaning: "The quoting enclave is not the one that Intel's identity describes." },
  "tdx/qe-level-none": { class: "rejected", meaning: "The quoting enclave is below every TCB level that Intel lists." },
  "tdx/qe-status": { class: "rejected", meaning: "Intel says that the quoting enclave is not up to date." },
  "tdx/report-data-wrong": {
    class: "rejected",
    meaning: "A quote is bound to another key or nonce than those of this connection.",
  },
  "tdx/host-data-wrong": {
    class: "rejected",
    meaning: "MR_CONFIG_ID does not hold the expected policy hash: the guest runs under another policy.",
  },
  "tdx/reference-value-wrong": {
    class: "rejected",
    meaning: "A measurement differs from the manifest's reference value.",
  },
  "tdx/svn-too-low": { class: "rejected", meaning: "A security version is below the minimum of the manifest." },
  "tdx/claim-forbidden": {
    class: "rejected",
    meaning: "A quote has bits or a vendor that no reference value can allow.",
  },
  "tdx/debug-guest": { class: "rejected", meaning: "The guest was started for debugging; its host can read it." },

  // manifest
  "manifest/platform-unknown": { class: "usage", meaning: "The platform is none that the program knows." },
  "manifest/handler-invalid": {
    class: "input",
    meaning: "A runtime handler name has another form than contrast-cc-<platform>-<8 hexadecimal digits>.",
  },
  "manifest/handler-ambiguous": {
    class: "input",
    meaning: "A table of reference values has two runtime handlers for one platform.",
  },
  "manifest/platform-without-values": {
    class: "input",
    meaning: "The table of reference values has no entry for the platform.",
  },
  "manifest/policy-hash-invalid": {
    class: "input",
    meaning: "A key of the manifest's policies is not a SHA-256 hash.",
  },
  "manifest/policy-role-unknown": { class: "input", meaning: "A policy entry has a role that does not exist." },
  "manifest/value-missing": { class: "input", meaning: "A reference value is still to be filled in by the user." },
  "manifest/value-invalid": { class: "input", meaning: "A reference value has the wrong form or length." },
  "manifest/product-unknown": { class: "input", meaning: "A reference value names an unknown processor product." },
  "manifest/no-reference-values": { class: "input", meaning: "The manifest trusts no hardware at all." },
  "manifest/key-digest-invalid": { class: "input", meaning: "A workload owner key digest is not a SHA-256 hash." },
  "manifest/seedshare-key-invalid": {
    class: "input",
    meaning: "A seed share owner key is not an RSA public key in PKCS #1 form.",
  },
  "manifest/policy-collision": { class: "input", meaning: "Two workloads of the same name have the same policy." },
  "manifest/policy-shared": {
    class: "input",
    meaning: "Two workloads share one policy, and so an identity and a workload secret.",
  },
  "manifest/policy-count": {
    class: "mismatch",
    meaning: "The deployment and the manifest differ in their number of policies.",
  },
  "manifest/policy-missing": { class: "mismatch", meaning: "A workload's policy is not in the manifest." },
  "manifest/key-file-invalid": { class: "input", meaning: "A key file has no key of the expected kind." },
  "manifest/coordinator-policy-hash-invalid": {
    class: "usage",
    meaning: "The expected policy hash of the Coordinator is not 32 bytes in hexadecimal.",
  },
  "manifest/coordinator-policy-file-invalid": {
    class: "input",
    meaning: "The file coordinator-policy.sha256 of the workspace does not hold one SHA-256 hash.",
  },
  "manifest/coordinator-policy-unknown": {
    class: "usage",
    meaning: "Nothing says which policy the Coordinator must have; the flag --coordinator-policy-hash is needed.",
  },

  // policy
  "policy/request-kind-unknown": { class: "input", meaning: "No request of the Kata agent has this name." },
  "policy/request-invalid": { class: "input", meaning: "A member of a request has a value of the wrong type." },
  "policy/test-cases-invalid": { class: "input", meaning: "A testcases.json does not have the expected form." },
  "policy/test-directory-invalid": {
    class: "input",
    meaning: "A directory of policy tests has no usable workload, or there are no tests.",
  },
  "policy/coverage-low": { class: "mismatch", meaning: "Test cases exercise fewer lines of the rules than wanted." },
  "policy/rules-refuse": {
    class: "input",
    meaning: "Rules of others refuse what the runtime will send, as far as is known (warning).",
  },
  "policy/rules-allow": {
    class: "input",
    meaning: "Rules of others allow requests that the rules of this version refuse (warning).",
  },
  "policy/rules-untried": { class: "input", meaning: "Rules of others take too much to be tried (warning)." },
  "policy/requests-invalid": { class: "input", meaning: "A text does not hold requests in any known form." },
  "policy/test-failed": { class: "mismatch", meaning: "A policy gave other verdicts than the test cases expect." },
  "policy/settings-invalid": {
    class: "input",
    meaning: "Policy settings lack a key or hold a value of the wrong type.",
  },
  "policy/settings-pattern": { class: "input", meaning: "A pattern in the policy settings is not of RE2 syntax." },
  "policy/settings-deprecated": {
    class: "input",
    meaning: "The policy settings use a key that is no longer supported.",
  },
  "policy/settings-drop-in": {
    class: "input",
    meaning: "A drop-in of the policy settings is not a JSON Patch that fits.",
  },
  "policy/image-facts-invalid": { class: "input", meaning: "A file of image facts does not have the expected form." },
  "policy/image-facts-missing": {
    class: "input",
    meaning: "The image facts say nothing about an image that is needed.",
  },
  "policy/container-duplicate": { class: "input", meaning: "Two containers of a pod have the same name." },
  "policy/image-missing": { class: "input", meaning: "A container names no image." },
  "policy/image-without-layers": {
    class: "input",
    meaning: "An image has no layers, which the platform's guests would have to verify.",
  },
  "policy/name-missing": { class: "input", meaning: "A workload has neither name nor generateName." },
  "policy/namespace-missing": {
    class: "input",
    meaning: "A workload names no namespace, so its policy accepts any (warning).",
  },
  "policy/image-without-digest": {
    class: "input",
    meaning: "An image has no digest, so the policy cannot pin it (warning).",
  },
  "policy/identity-implicit": {
    class: "input",
    meaning: "User or groups come from an image that the host cannot read (warning).",
  },
  "policy/user-unresolved": { class: "input", meaning: "The account files of an image lack the user that it runs as." },
  "policy/field-unsupported": { class: "input", meaning: "A pod uses a field that no policy can represent safely." },
  "policy/volume-unsupported": {
    class: "input",
    meaning: "A mounted volume is of a kind that no policy can represent.",
  },
  "policy/volume-unknown": { class: "input", meaning: "A container mounts a volume that the pod does not have." },
  "policy/reference-unresolved": { class: "input", meaning: "A variable refers to a value that is not in the input." },
  "policy/variable-undefined": {
    class: "input",
    meaning: "A text refers to a variable that the container does not have (warning).",
  },
  "policy/annotation-unknown": {
    class: "input",
    meaning: "A variable refers to an annotation that only the cluster adds (warning).",
  },
  "policy/token-in-text": { class: "input", meaning: "A text reads like a placeholder of the policy." },
  "policy/self-check-denied": { class: "mismatch", meaning: "A policy refuses a request that the runtime will send." },
  "policy/self-check-allowed": {
    class: "mismatch",
    meaning: "A policy allows a request that only an attacker would send.",
  },
  // policy: initdata
  "policy/initdata-invalid": {
    class: "input",
    meaning: "An initdata annotation or document does not have the expected form.",
  },
  "policy/initdata-version": {
    class: "input",
    meaning: "An initdata document is of a version that nobody knows here.",
  },
  "policy/initdata-algorithm": { class: "input", meaning: "An initdata document names a hash that nobody knows here." },

  // policy: finding policies
  "policy/none-found": { class: "input", meaning: "Nothing under the given paths carries a policy." },
  "policy/standard-input-alone": { class: "usage", meaning: "Standard input was named together with other paths." },
  "policy/path-missing": { class: "input", meaning: "A path that should hold policies does not exist." },
  "policy/carrier-invalid": { class: "input", meaning: "An annotation or file that should carry a policy does not." },
  "policy/hash-mismatch": {
    class: "mismatch",
    meaning: "A policy file does not have the hash that it is named after.",
  },
  "policy/manifest-invalid": { class: "input", meaning: "A manifest beside policies does not have the expected form." },
  "policy/workload-without-policy": {
    class: "input",
    meaning: "A workload that is to be confidential carries no policy (warning).",
  },

  // policy: explaining refusals
  "policy/request-denied": {
    class: "mismatch",
    meaning: "A policy refuses a request; its checks were told one by one.",
  },
  "policy/request-not-found": {
    class: "input",
    meaning: "A text holds no request, no refusal and no event about one.",
  },
  "policy/request-kind-unclear": { class: "input", meaning: "A request could be one of several kinds." },
  "policy/request-undecided": {
    class: "input",
    meaning: "A request was cut, or a policy has no answer to it, so that nobody can say whether it is allowed.",
  },
  "policy/choice-unclear": {
    class: "usage",
    meaning: "Several policies were found, and the request names none of them.",
  },
  "policy/case-unchanged": { class: "input", meaning: "A test case could not be recorded; the file is unchanged." },

  // rpc
  "rpc/recovery-needed": { class: "recovery", meaning: "The Coordinator was restarted and waits for its recovery." },
  "rpc/permission-denied": { class: "mismatch", meaning: "The Coordinator refuses the call to the key of the caller." },
  "rpc/no-manifest": { class: "mismatch", meaning: "No manifest was set at the Coordinator yet." },
  "rpc/already-recovered": { class: "mismatch", meaning: "The Coordinator is running and needs no recovery." },
  "rpc/nothing-to-recover": {
    class: "mismatch",
    meaning: "The Coordinator has no history from which it could be recovered.",
  },
  "rpc/changed-concurrently": {
    class: "mismatch",
    meaning: "Somebody else changed the state of the Coordinator at the same time.",
  },
  "rpc/manifest-refused": { class: "input", meaning: "The Coordinator refuses the manifest or a policy." },
  "rpc/recovery-refused": {
    class: "input",
    meaning: "The Coordinator cannot recover with the seed or salt that it was given.",
  },
  "rpc/request-too-large": { class: "input", meaning: "The request is larger than the Coordinator accepts." },
  "rpc/unavailable": {
    class: "unreachable",
    meaning: "The connection to the Coordinator broke, or it is unavailable.",
  },
  "rpc/timeout": { class: "unreachable", meaning: "The Coordinator did not answer a call in time." },
  "rpc/policy-not-in-manifest": {
    class: "mismatch",
    meaning: "The manifest in force has no entry for the policy of this workload.",
  },
  "rpc/client-refused": {
    class: "rejected",
    meaning: "The Coordinator ended the connection when it had seen the evidence of this machine.",
  },
  "rpc/mesh-certificate-invalid": {
    class: "rejected",
    meaning: "The certificates that a Coordinator gave to a workload do not fit together.",
  },
  "rpc/method-missing": { class: "unreachable", meaning: "The server does not offer the Coordinator's user API." },
  "rpc/answer-too-large": { class: "unreachable", meaning: "An answer of the Coordinator is larger than is accepted." },
  "rpc/answer-invalid": { class: "unreachable", meaning: "An answer of the Coordinator breaks the protocol." },
  "rpc/server-failed": { class: "unreachable", meaning: "The Coordinator reports an internal error." },

  // initializer
  "initializer/coordinator-host-missing": {
    class: "usage",
    meaning: "The environment does not name the Coordinator of the Initializer.",
  },
  "initializer/secret-missing": { class: "input", meaning: "There is no workload secret for an encrypted volume." },
  "initializer/volume-untrusted": {
    class: "rejected",
    meaning: "The header of an encrypted volume asks for another encryption than that of volumes of workloads.",
  },
  "initializer/volume-failed": { class: "input", meaning: "An encrypted volume could not be made or opened." },

  // topology
  "topology/too-many-edges": { class: "input", meaning: "A deployment has more connections than can be shown." },
  "topology/picture-too-large": { class: "input", meaning: "A deployment is too large for a picture of it." },
  "topology/workload-unknown": { class: "usage", meaning: "The input has no workload of the name that was asked for." },
  "topology/input-faulty": {
    class: "input",
    meaning: "Some of the input could not be read, so that what is shown of the mesh may lack parts.",
  },
  "topology/findings": { class: "mismatch", meaning: "The mesh has findings of the severity that --fail-on names." },
  "topology/clear-text": { class: "input", meaning: "A port of a workload with sidecar is exempted from the mesh." },
  "topology/no-sidecar": { class: "input", meaning: "A confidential workload with ports has no sidecar." },
  "topology/sidecar-stale": {
    class: "input",
    meaning: "A sidecar was injected from other annotations than those that the workload has now.",
  },

  // generate
  "generate/image-line-invalid": {
    class: "input",
    meaning: "A line of an image replacement table is not of the form image = replacement.",
  },
  "generate/wrong-type": { class: "input", meaning: "A field of a pod has another type than Kubernetes gives it." },
  "generate/annotation-not-text": { class: "input", meaning: "An annotation of Contrast is not a text." },
  "generate/annotation-differs": {
    class: "input",
    meaning: "An annotation stands on the object and on the pod template with different values.",
  },
  "generate/secrets-volume": { class: "input", meaning: "The volume contrast-secrets of a pod is not an emptyDir." },
  "generate/policy-annotation-invalid": {
    class: "input",
    meaning: "The policy annotation of a workload is not base64.",
  },
  "generate/name-invalid": {
    class: "input",
    meaning: "A workload, its namespace or a container has a name that Kubernetes does not accept.",
  },
  "generate/object-not-patched": {
    class: "input",
    meaning: "An object without metadata or of a kind without policies names a confidential runtime class (warning).",
  },
  "generate/field-unknown": {
    class: "input",
    meaning: "A confidential workload has a field that the Kubernetes API does not have (warning).",
  },
  "generate/rules-unusable": {
    class: "input",
    meaning: "With rules of others no guest could start a container, or it would allow what they forbid.",
  },
  "generate/rules-lenient": {
    class: "input",
    meaning: "Rules of others allow every request that they refuse (warning).",
  },
  "generate/rules-differ": {
    class: "input",
    meaning: "The rules file is not that of this version, so its policies are not tried (warning).",
  },
  "generate/settings-differ": {
    class: "input",
    meaning: "The settings file is not that of this version for the platform (warning).",
  },
  "generate/name-missing": { class: "input", meaning: "A workload with a policy has no name." },
  "generate/volume-shared": {
    class: "input",
    meaning: "A container mounts a volume whose files the host can read and change.",
  },
  "generate/mesh-annotation-unknown": {
    class: "input",
    meaning: "An annotation begins like those of the service mesh, but is none of them.",
  },
  "generate/mesh-annotation-unused": {
    class: "input",
    meaning: "A service mesh annotation has no effect on the workload.",
  },
  "generate/mesh-probe": {
    class: "input",
    meaning: "A probe or hook goes through the mesh proxy and tells nothing about the application.",
  },
  "generate/mesh-protocol": {
    class: "input",
    meaning: "A port uses a protocol that the service mesh does not protect.",
  },
  "generate/mesh-port-taken": {
    class: "input",
    meaning: "A container declares a port on which the mesh proxy listens.",
  },
  "generate/gpu-platform": { class: "input", meaning: "A pod asks for a GPU on a platform without one." },
  "generate/gpu-annotation": { class: "input", meaning: "A GPU pod lacks an annotation that its platform needs." },
  "generate/release-image-version": {
    class: "input",
    meaning: "An image of the release has another version than the program expects.",
  },
  "generate/platform-not-in-manifest": {
    class: "input",
    meaning: "The existing manifest trusts no host of the chosen platform.",
  },
  "generate/measurement-missing": {
    class: "input",
    meaning: "The build ships no launch measurement for the platform.",
  },
  "generate/coordinator-policy-unexpected": {
    class: "input",
    meaning: "The Coordinator has another policy than the released one.",
  },
  "generate/coordinator-twice": { class: "input", meaning: "The input has Coordinators with different policies." },
  "generate/output-invalid": {
    class: "usage",
    meaning: "The place for the result is not a file in an existing directory.",
  },
  "generate/output-collision": {
    class: "input",
    meaning: "Two files of the input have one place in the output directory.",
  },
  "generate/output-outside": {
    class: "input",
    meaning: "A file of the output directory would lie outside of it or among the inputs.",
  },
  "generate/output-stale": {
    class: "input",
    meaning: "The output directory holds YAML that no input belongs to (warning).",
  },
  "generate/initdata-platform": { class: "usage", meaning: "The runtime of the platform does not read initdata." },
  "generate/initdata-conflict": {
    class: "input",
    meaning: "The given initdata has a policy of its own, or another algorithm than the flag names.",
  },
  "generate/initdata-runtime": {
    class: "input",
    meaning: "Runtimes of version 1.4 do not read the initdata that was asked for (warning).",
  },
  "generate/initdata-algorithm": {
    class: "input",
    meaning: "Coordinators do not know workloads by the hash that the initdata has (warning).",
  },
  "generate/initdata-coordinator": {
    class: "input",
    meaning: "The input holds a Coordinator, which works with initdata of SHA-256 only.",
  },
  "generate/policy-line-long": { class: "input", meaning: "A policy has a line that newer guests refuse to load." },
  "generate/request-large": {
    class: "input",
    meaning: "Manifest and policies are more than every Coordinator takes in one request.",
  },
  "generate/policy-large": { class: "input", meaning: "A policy is so large that Kubernetes may refuse the object." },
  "generate/standard-input-alone": { class: "usage", meaning: "Standard input was named together with other paths." },

  // lint: what the command itself can fail of, then the findings of its rules
  "lint/findings": { class: "mismatch", meaning: "Lint has findings of the severity that --fail-on names." },
  "lint/input-faulty": { class: "input", meaning: "Lint could not read some of its input; it has told what is wrong." },
  "lint/rules-invalid": { class: "input", meaning: "Rules given to lint cannot be read, are no Rego, or fail." },
  "lint/result-invalid": { class: "input", meaning: "Rules given to lint return something else than findings." },
  "lint/standard-input-alone": {
    class: "usage",
    meaning: "Standard input was named together with other paths, or with a flag that needs files.",
  },
  "lint/image-digest": { class: "input", meaning: "An image reference has no digest." },
  "lint/exec-probe": { class: "input", meaning: "A probe or hook makes the policy admit a command." },
  "lint/env-secret": { class: "input", meaning: "A variable holds a secret as literal value." },
  "lint/env-from-secret": { class: "input", meaning: "A variable is filled from a Secret, which the host reads." },
  "lint/memory-limit": { class: "input", meaning: "A confidential container has no memory limit." },
  "lint/memory-small": { class: "input", meaning: "A container or guest gets too little memory." },
  "lint/memory-request": { class: "input", meaning: "A container requests more memory than its limit allows." },
  "lint/cpu-limit": { class: "input", meaning: "The CPU limits of a pod exceed what a measured guest has." },
  "lint/gpu-exposed": { class: "input", meaning: "A container that asks for no GPU sees those of its pod." },
  "lint/gpu-limit": { class: "input", meaning: "Kubernetes refuses the number of devices that a container asks for." },
  "lint/gpu-replicas": { class: "input", meaning: "All pods of a workload name the same devices of their node." },
  "lint/gpu-resource": { class: "input", meaning: "A container asks for devices that no runtime passes to guests." },
  "lint/gpu-visible": { class: "input", meaning: "A GPU container does not set NVIDIA_VISIBLE_DEVICES." },
  "lint/volume-config": { class: "input", meaning: "A volume has files whose content the host decides." },
  "lint/volume-unsupported": { class: "input", meaning: "A container mounts a volume that no policy can describe." },
  "lint/sub-path": { class: "input", meaning: "A container mounts a part of a volume." },
  "lint/mount-unknown": { class: "input", meaning: "A container mounts a volume that its pod does not have." },
  "lint/privileged": { class: "input", meaning: "A container is privileged." },
  "lint/host-namespace": { class: "input", meaning: "A pod wants a namespace of the host." },
  "lint/runtime-class-missing": {
    class: "input",
    meaning: "A workload beside confidential ones has no runtime class.",
  },
  "lint/namespace-missing": { class: "input", meaning: "A confidential workload names no namespace." },
  "lint/annotation-size": { class: "input", meaning: "The annotations of a pod come near the limit of Kubernetes." },
  "lint/annotation-not-text": { class: "input", meaning: "An annotation is no text." },
  "lint/annotation-differs": {
    class: "input",
    meaning: "An annotation stands on the object and on the pod template with different values.",
  },
  "lint/silence-invalid": { class: "input", meaning: "A silence gives no reason, or names an unknown rule." },
  "lint/mesh-syntax": { class: "input", meaning: "An annotation of the service mesh is malformed." },
  "lint/mesh-empty": { class: "input", meaning: "The egress annotation of the service mesh is empty." },
  "lint/mesh-option-unused": {
    class: "input",
    meaning: "An annotation says what the sidecar does about IPv6 or UDP, and no annotation makes a sidecar.",
  },
  "lint/mesh-admin": { class: "input", meaning: "The admin interface of a mesh proxy is open to everybody." },
  "lint/mesh-bind-all": { class: "input", meaning: "A container beside a mesh listens on every address." },
  "lint/mesh-bind-loopback": {
    class: "input",
    meaning: "A container beside a mesh listens where the mesh delivers nothing.",
  },
  "lint/mesh-original-image": {
    class: "input",
    meaning: "A sidecar has the image of Contrast 1.4, whose rules some connections pass by.",
  },

  // client
  "client/deployment-differs": {
    class: "mismatch",
    meaning: "The workloads in the YAML and the policies of the manifest are not the same.",
  },
  "client/owner-key-missing": { class: "input", meaning: "The private key of the seed share owner does not exist." },
  "client/seed-shares-invalid": { class: "input", meaning: "The file of seed shares has a share or salt of no use." },
  "client/seed-share-missing": { class: "input", meaning: "No seed share is encrypted for the given key." },
  "client/seed-share-undecryptable": {
    class: "input",
    meaning: "The seed share cannot be decrypted with the given key, or holds no seed.",
  },
  "client/seed-shares-unsaved": {
    class: "input",
    meaning: "The manifest is set, but the seed shares are not in their file; the error says where they are.",
  },
  "client/seed-shares-lost": {
    class: "unreachable",
    meaning: "The first manifest is set, but the connection broke before the seed shares arrived.",
  },
  "client/ca-invalid": {
    class: "unreachable",
    meaning: "The Coordinator answered with something that is not one CA certificate.",
  },
  "client/ca-unsaved": {
    class: "input",
    meaning: "The manifest is set, but the CA certificates could not be written.",
  },
  "client/history-too-large": {
    class: "unreachable",
    meaning: "The Coordinator answered with more manifests or policies than are taken.",
  },
  "client/history-empty": { class: "mismatch", meaning: "The Coordinator has no manifest in its history." },
  "client/manifest-differs": {
    class: "mismatch",
    meaning: "The manifest that is active at the Coordinator is not the given one, byte for byte.",
  },
  "client/transition-invalid": {
    class: "input",
    meaning: "A file that should hold the hash of a transition does not.",
  },
  "client/transition-stale": {
    class: "mismatch",
    meaning: "The Coordinator has another manifest in force than the one that an atomic change is meant to follow.",
  },
  "client/atomic-unsupported": {
    class: "mismatch",
    meaning: "The Coordinator cannot set a manifest only after a certain other one.",
  },
  "client/saved-invalid": {
    class: "input",
    meaning: "A saved verification is damaged, of another version, or holds what does not belong there.",
  },

  // simulator
  "simulator/machine-invalid": { class: "input", meaning: "The saved simulated machine is damaged or was changed." },
  "simulator/guest-invalid": {
    class: "input",
    meaning: "A simulated guest has no valid policy hash or launch digest.",
  },
  "simulator/service-failed": {
    class: "input",
    meaning: "The service of the simulated vendor cannot listen on its address.",
  },

  // sandbox
  "sandbox/already-running": { class: "input", meaning: "A sandbox runs in the directory already." },
  "sandbox/not-running": { class: "unreachable", meaning: "No sandbox runs in the directory." },
  "sandbox/not-found": { class: "input", meaning: "There is no sandbox in the directory." },
  "sandbox/directory-foreign": { class: "input", meaning: "A directory holds what no sandbox made." },
  "sandbox/record-invalid": { class: "input", meaning: "The file that says what runs in a sandbox cannot be used." },
  "sandbox/port-in-use": { class: "input", meaning: "Another program uses a port that the sandbox needs." },
  "sandbox/platform-unknown": { class: "input", meaning: "The manifest is for no machine that can be simulated." },
  "sandbox/machine-differs": {
    class: "mismatch",
    meaning: "The sandbox has a machine of another platform than the manifest.",
  },
  "sandbox/no-policies": { class: "input", meaning: "No workload has a policy, so there is nothing to run." },
  "sandbox/no-coordinator": { class: "input", meaning: "The YAML has workloads, but no Coordinator." },
  "sandbox/coordinator-changed": {
    class: "mismatch",
    meaning: "The Coordinator of the YAML has another policy than the one that runs in the sandbox.",
  },
  "sandbox/coordinator-failed": {
    class: "unreachable",
    meaning: "The Coordinator of the sandbox ended, or does not accept connections.",
  },
  "sandbox/supervisor-failed": {
    class: "input",
    meaning: "The process that runs a sandbox ended before it was ready.",
  },
  "sandbox/workload-unknown": { class: "usage", meaning: "The sandbox has no workload of that name." },
  "sandbox/workload-ambiguous": { class: "usage", meaning: "Several workloads of the sandbox have that name." },
  "sandbox/no-certificate": { class: "input", meaning: "A workload has no certificate yet." },

  // coordinator: its servers
  "coordinator/probe-listen-failed": {
    class: "input",
    meaning: "The Coordinator could not listen on the address of metrics or probes.",
  },
  "coordinator/address-invalid": {
    class: "usage",
    meaning: "An address to listen on is not HOST:PORT, or two servers of the Coordinator have the same port.",
  },

  // coordinator: its state, who may change it
  "coordinator/no-manifest": { class: "mismatch", meaning: "The Coordinator has no manifest yet." },
  "coordinator/recovery-mode": { class: "recovery", meaning: "The Coordinator has a history, but not its seed." },
  "coordinator/history-failed": { class: "input", meaning: "The Coordinator cannot use what is in its history." },
  "coordinator/history-rolled-back": {
    class: "mismatch",
    meaning: "The history does not continue from the manifest that is in force; somebody put it back or replaced it.",
  },
  "coordinator/answer-too-large": {
    class: "input",
    meaning: "Manifests and policies of the history are larger than an answer may be.",
  },
  "coordinator/history-full": {
    class: "input",
    meaning: "With one more manifest the history would be larger than an answer may be.",
  },
  "coordinator/request-too-large": { class: "input", meaning: "A request has more policies than are taken." },
  "coordinator/manifest-unreadable": { class: "input", meaning: "A manifest is too large, or no JSON of a manifest." },
  "coordinator/manifest-invalid": {
    class: "input",
    meaning: "A manifest is not valid or not complete, or its policies are missing.",
  },
  "coordinator/policy-missing": { class: "input", meaning: "A request lacks a policy that its manifest names." },
  "coordinator/policy-duplicate": {
    class: "input",
    meaning: "A manifest names a policy twice, in upper and lower case.",
  },
  "coordinator/updates-disabled": {
    class: "mismatch",
    meaning: "The manifest in force has no workload owner, so that nobody may change it.",
  },
  "coordinator/caller-unknown": { class: "mismatch", meaning: "A caller who must be an owner shows no certificate." },
  "coordinator/caller-key-unsupported": {
    class: "mismatch",
    meaning: "The key of a caller is neither an elliptic curve key nor RSA.",
  },
  "coordinator/owner-digest-invalid": {
    class: "mismatch",
    meaning: "The manifest in force has a workload owner digest that is not hexadecimal.",
  },
  "coordinator/caller-not-owner": {
    class: "mismatch",
    meaning: "The key of a caller is not that of a workload owner of the manifest in force.",
  },
  "coordinator/seed-share-owners-changed": {
    class: "mismatch",
    meaning: "A new manifest has other seed share owners than the one in force.",
  },
  "coordinator/transition-hash-invalid": {
    class: "input",
    meaning: "The previous transition hash of a request has another length than a hash.",
  },
  "coordinator/transition-stale": {
    class: "mismatch",
    meaning: "A request was made for another predecessor than the manifest in force.",
  },
  "coordinator/transition-signature-invalid": {
    class: "mismatch",
    meaning: "The signature of a request is not by its caller, or for another transition.",
  },
  "coordinator/seed-failed": { class: "internal", meaning: "A new seed is of no use." },
  "coordinator/ca-failed": { class: "internal", meaning: "The certificates of a new generation cannot be made." },
  "coordinator/store-failed": { class: "input", meaning: "A manifest was not set, since it could not be stored." },
  "coordinator/already-recovered": { class: "mismatch", meaning: "The Coordinator has its seed already." },
  "coordinator/nothing-to-recover": { class: "mismatch", meaning: "The Coordinator has no history." },
  "coordinator/recovery-failed": {
    class: "input",
    meaning: "The history does not belong to the seed, or is damaged.",
  },
  "coordinator/owner-key-invalid": {
    class: "input",
    meaning: "The recovered manifest has a seed share owner that is not hexadecimal.",
  },
  "coordinator/recovery-denied": {
    class: "mismatch",
    meaning: "The key of a caller is not that of a seed share owner of the recovered manifest.",
  },
  "coordinator/recovered-concurrently": { class: "mismatch", meaning: "Somebody else recovered at the same time." },
  "coordinator/manifest-replaced": {
    class: "unreachable",
    meaning: "A workload asked on a connection that it made before another manifest came into force.",
  },
  "coordinator/policy-unknown": {
    class: "mismatch",
    meaning: "An attested workload has a policy that the manifest does not name.",
  },
  "coordinator/peer-unattested": { class: "internal", meaning: "A connection of the mesh API has no evidence." },

  // coordinator: history
  "coordinator/history-key-invalid": { class: "input", meaning: "A name is not one that the history can hold." },
  "coordinator/history-missing": { class: "input", meaning: "The history names an object that is not there." },
  "coordinator/history-corrupt": {
    class: "rejected",
    meaning: "An object of the history is damaged, or something else is in its place.",
  },
  "coordinator/history-signature-invalid": {
    class: "rejected",
    meaning: "The latest transition of the history is not signed by the key of the seed.",
  },
  "coordinator/history-changed": {
    class: "mismatch",
    meaning: "Somebody else set a manifest meanwhile; nothing was changed.",
  },
  "coordinator/history-unwritable": {
    class: "input",
    meaning: "The history could not be written; it is as it was before.",
  },
  "coordinator/history-uncertain": {
    class: "input",
    meaning: "The disk failed at the moment of the change: the history is as before or as wanted, never mixed.",
  },
  "coordinator/history-unreadable": { class: "input", meaning: "The history could not be read; the disk failed." },
  "coordinator/history-too-large": {
    class: "input",
    meaning: "An object, or the history as a whole, is larger than is taken.",
  },
  // coordinator: seed and certificates
  "coordinator/seed-invalid": { class: "input", meaning: "A seed or salt has another length than is used." },
  "coordinator/secret-id-empty": { class: "internal", meaning: "A workload secret was asked for without its ID." },
  "coordinator/seed-share-key-invalid": {
    class: "input",
    meaning: "The manifest names a seed share owner with a key that cannot be encrypted for.",
  },
  "coordinator/san-invalid": {
    class: "input",
    meaning: "The manifest gives a workload no name, or one that makes certificates unreadable.",
  },
  "coordinator/workload-key-invalid": {
    class: "rejected",
    meaning: "A workload asks for a certificate with a key of a kind or size that is not certified.",
  },
  // measure: firmware
  "measure/firmware-size": { class: "input", meaning: "A firmware image does not consist of whole pages." },
  "measure/firmware-table-missing": {
    class: "input",
    meaning: "A firmware image has no table of GUIDs at its end; it is not OVMF.",
  },
  "measure/firmware-table-invalid": { class: "input", meaning: "The table of GUIDs of a firmware image is damaged." },
  "measure/firmware-metadata-invalid": {
    class: "input",
    meaning: "What a firmware image says about the pages of a confidential guest is damaged.",
  },
  "measure/firmware-no-hashes-area": {
    class: "input",
    meaning: "A firmware image cannot be started with a measured kernel.",
  },
  "measure/id-key-invalid": { class: "input", meaning: "A file holds no private key that can sign ID blocks." },
  "measure/command-line-invalid": { class: "input", meaning: "A kernel command line holds what no kernel can get." },
  "manifest/measured-entry-missing": {
    class: "input",
    meaning: "The manifest has no entry that a measurement belongs to.",
  },
  "manifest/measured-entry-ambiguous": {
    class: "input",
    meaning: "The manifest has several entries, and it is open which of the measurements belong to which.",
  },
  "measure/firmware-not-snp": { class: "input", meaning: "A firmware image cannot start guests with SEV-SNP." },
  // measure: tdx
  "measure/firmware-not-tdx": { class: "input", meaning: "A firmware image cannot start guests with Intel TDX." },
  "measure/firmware-unmeasured": {
    class: "input",
    meaning: "A firmware image measures nothing into the runtime registers of TDX, so its guests cannot be told apart.",
  },
  "measure/firmware-unreadable": {
    class: "input",
    meaning: "A part of a firmware image cannot be looked into, so what it measures is not known.",
  },
  "measure/firmware-boot-options": {
    class: "input",
    meaning: "The boot options of a firmware image are not those that can be computed.",
  },
  "measure/firmware-variables": {
    class: "input",
    meaning: "A firmware image brings variables along that change what it measures.",
  },
  "measure/firmware-initrd-option": {
    class: "input",
    meaning: "How a firmware image names the initrd to the kernel is not known.",
  },
  "measure/variable-store-invalid": {
    class: "input",
    meaning: "The configuration volume of a firmware image is damaged.",
  },
  "measure/tdx-memory": { class: "usage", meaning: "A TDX guest cannot be started with the given size of memory." },
  "measure/tdx-incomplete": {
    class: "usage",
    meaning: "Not all registers of a TDX guest could be computed, so none is written.",
  },
  "measure/acpi-loader-invalid": { class: "input", meaning: "The file table-loader of ACPI tables is damaged." },
  "measure/acpi-file-missing": {
    class: "input",
    meaning: "A file that the commands of the ACPI loader name is not in the given directory.",
  },
  "measure/kernel-invalid": { class: "input", meaning: "A kernel is no bzImage with an EFI stub." },
  "measure/kernel-video-mode": {
    class: "usage",
    meaning: "The command line of the kernel asks for a video mode that QEMU refuses.",
  },
  "measure/kernel-unmeasured": {
    class: "input",
    meaning: "The EFI stub of a kernel does not measure command line and initrd into RTMR2.",
  },

  // resources
  "resources/name-invalid": { class: "input", meaning: "A namespace or Service has a name that Kubernetes refuses." },
  "resources/node-selector-invalid": { class: "usage", meaning: "A label of nodes is not written as one." },
  "resources/port-invalid": { class: "usage", meaning: "A port is not a number from 1 to 65535." },
  "resources/service-invalid": { class: "input", meaning: "A Service has ports that are none." },
  "resources/service-missing": { class: "input", meaning: "The input has no Service of the name that was asked for." },
  "resources/service-not-tcp": {
    class: "input",
    meaning: "A port of a Service cannot be forwarded, as it is not TCP.",
  },
  "resources/nothing-to-forward": { class: "input", meaning: "The input has no Service that can be forwarded." },
} as const satisfies Record<string, ErrorCodeEntry>;

/** One of the codes; a closed set. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Whether a text is one of the codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CODES, text);
}
