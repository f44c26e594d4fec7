package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"slices"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// manifest are the members that a Coordinator of version 1.4 acts on.
type manifest struct {
	Policies                map[string]json.RawMessage
	WorkloadOwnerKeyDigests []string
	SeedshareOwnerPubKeys   []string
}

type digest = [sha256.Size]byte

type transition struct{ manifest, previous digest }

// coordinator is the state machine of coordinator.md 3: empty, active, or in recovery mode.
type coordinator struct {
	mu sync.Mutex
	// What lies on the disk.
	objects     map[digest][]byte
	transitions map[digest]transition
	latest      digest
	signature   []byte
	// What is lost by a restart.
	keys     *seedKeys
	ca       coordinatorCa
	manifest *manifest
}

func newCoordinator() *coordinator {
	return &coordinator{objects: map[digest][]byte{}, transitions: map[digest]transition{}}
}

// restart forgets the memory, as the end of a process does.
func (c *coordinator) restart() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys, c.manifest = nil, nil
}

func (c *coordinator) inRecovery() bool { return c.keys == nil && c.latest != digest{} }

var errRecovery = status.Error(codes.FailedPrecondition, "coordinator is in recovery mode")

func (c *coordinator) setManifest(request setManifestRequest, peer crypto.PublicKey) (setManifestResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inRecovery() {
		return setManifestResponse{}, errRecovery
	}
	var wanted manifest
	if err := json.Unmarshal(request.manifest, &wanted); err != nil {
		return setManifestResponse{}, status.Errorf(codes.InvalidArgument, "unmarshaling manifest: %v", err)
	}
	response, keys, err := c.authorise(wanted, peer)
	if err != nil {
		return setManifestResponse{}, err
	}
	provided := map[string]bool{}
	for _, policy := range request.policies {
		hash := c.store(policy)
		provided[hex.EncodeToString(hash[:])] = true
	}
	for hash := range wanted.Policies {
		if !provided[hash] {
			return setManifestResponse{}, status.Errorf(codes.InvalidArgument, "no policy provided for hash %q", hash)
		}
	}
	next := transition{c.store(request.manifest), c.latest}
	c.latest = sha256.Sum256(append(next.manifest[:], next.previous[:]...))
	c.transitions[c.latest] = next
	c.signature = signTransition(keys.transaction, c.latest)
	c.keys, c.manifest, c.ca = keys, &wanted, newCoordinatorCa(keys.root)
	response.rootCa, response.meshCa = c.ca.rootPem, c.ca.meshPem
	return response, nil
}

// authorise checks who may set a manifest; the first manifest, which anybody may set, makes seed and seed shares.
func (c *coordinator) authorise(wanted manifest, peer crypto.PublicKey) (setManifestResponse, *seedKeys, error) {
	if c.manifest != nil {
		if len(c.manifest.WorkloadOwnerKeyDigests) == 0 {
			return setManifestResponse{}, nil, denied("setting manifest is disabled")
		}
		if err := checkPeer(peer, c.manifest.WorkloadOwnerKeyDigests); err != nil {
			return setManifestResponse{}, nil, err
		}
		if !slices.Equal(wanted.SeedshareOwnerPubKeys, c.manifest.SeedshareOwnerPubKeys) {
			return setManifestResponse{}, nil,
				status.Error(codes.PermissionDenied, "changes to seedshare owners are not allowed")
		}
		return setManifestResponse{}, c.keys, nil
	}
	seed, salt := randomBytes(64), randomBytes(32)
	document := &seedShareDocument{salt: salt}
	for _, owner := range wanted.SeedshareOwnerPubKeys {
		encrypted, err := encryptSeed(owner, seed)
		if err != nil {
			return setManifestResponse{}, nil, status.Errorf(codes.InvalidArgument, "initializing seed engine: %v", err)
		}
		document.shares = append(document.shares, seedShare{owner, encrypted})
	}
	return setManifestResponse{seedShares: document}, must(deriveKeys(seed, salt)), nil
}

func (c *coordinator) getManifests() (getManifestsResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inRecovery() {
		return getManifestsResponse{}, errRecovery
	}
	if c.keys == nil {
		return getManifestsResponse{}, status.Error(codes.FailedPrecondition, "no manifest configured")
	}
	response := getManifestsResponse{rootCa: c.ca.rootPem, meshCa: c.ca.meshPem}
	known := map[string]bool{}
	for hash := c.latest; hash != (digest{}); hash = c.transitions[hash].previous {
		bytes := c.objects[c.transitions[hash].manifest]
		response.manifests = append(response.manifests, bytes)
		var stored manifest
		must(struct{}{}, json.Unmarshal(bytes, &stored))
		for policy := range stored.Policies {
			if !known[policy] {
				known[policy] = true
				response.policies = append(response.policies, c.objects[digest(fromHex(policy))])
			}
		}
	}
	slices.Reverse(response.manifests)
	return response, nil
}

func (c *coordinator) recover(request recoverRequest, peer crypto.PublicKey) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys != nil {
		return status.Error(codes.FailedPrecondition, "coordinator is already recovered")
	}
	if c.latest == (digest{}) {
		return status.Error(codes.FailedPrecondition, "no persisted transaction to recover from")
	}
	keys, err := deriveKeys(request.seed, request.salt)
	if err != nil {
		return status.Errorf(codes.InvalidArgument, "initializing seed engine: %v", err)
	}
	hash := sha256.Sum256(c.latest[:])
	if !ecdsa.VerifyASN1(&keys.transaction.PublicKey, hash[:], c.signature) {
		return status.Error(codes.InvalidArgument, "recovery failed: latest transition signature is invalid")
	}
	var recovered manifest
	must(struct{}{}, json.Unmarshal(c.objects[c.transitions[c.latest].manifest], &recovered))
	owners := []string{}
	for _, owner := range recovered.SeedshareOwnerPubKeys {
		hash := sha256.Sum256(fromHex(owner))
		owners = append(owners, hex.EncodeToString(hash[:]))
	}
	if err := checkPeer(peer, owners); err != nil {
		return status.Error(codes.PermissionDenied, "peer not authorized to recover existing state")
	}
	c.keys, c.manifest, c.ca = keys, &recovered, newCoordinatorCa(keys.root)
	return nil
}

func (c *coordinator) store(object []byte) digest {
	hash := sha256.Sum256(object)
	c.objects[hash] = object
	return hash
}

func signTransition(key *ecdsa.PrivateKey, latest digest) []byte {
	hash := sha256.Sum256(latest[:])
	return must(ecdsa.SignASN1(rand.Reader, key, hash[:]))
}

// checkPeer compares the digest of a client's key (coordinator.md 3.7) with those of the owners.
func checkPeer(peer crypto.PublicKey, owners []string) error {
	var der []byte
	switch key := peer.(type) {
	case nil:
		return denied("no peer certificates found")
	case *ecdsa.PublicKey:
		der = must(x509.MarshalPKIXPublicKey(key))
	case *rsa.PublicKey:
		der = x509.MarshalPKCS1PublicKey(key)
	default:
		return denied("unsupported peer public key type")
	}
	hash := sha256.Sum256(der)
	for _, owner := range owners {
		allowed, err := hex.DecodeString(owner)
		if err != nil {
			return denied("parsing key: " + err.Error())
		}
		if bytes.Equal(allowed, hash[:]) {
			return nil
		}
	}
	return denied("peer not authorized")
}

func denied(reason string) error {
	return status.Error(codes.PermissionDenied, "validating peer: "+reason)
}
