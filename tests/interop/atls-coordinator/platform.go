package main

import (
	"strings"
	"sync"
)

func upper(text string) string { return strings.ToUpper(text) }

// platform holds the certificate authorities that all scenarios share. Those of `otherMilan` and `otherIntel` have the
// right names, but nobody trusts them.
type platform struct {
	milan      func() amdAuthorities
	genoa      func() amdAuthorities
	otherMilan func() amdAuthorities
	intel      func() intelAuthorities
	otherIntel func() intelAuthorities
}

func newPlatform() *platform {
	amd := func(product string) func() amdAuthorities {
		return sync.OnceValue(func() amdAuthorities { return newAmdAuthorities(product) })
	}
	return &platform{
		milan: amd("Milan"), genoa: amd("Genoa"), otherMilan: amd("Milan"),
		intel: sync.OnceValue(newIntelAuthorities), otherIntel: sync.OnceValue(newIntelAuthorities),
	}
}

// rootsPem is what a client has to trust for a chain: `own`, or one of go-sev-guest's.
func (p *platform) rootsPem(chain string) string {
	own, genoa, intel := p.milan(), p.genoa(), p.intel()
	milan := own
	if chain != "own" {
		milan = googlePlan(chain == "google-refined").authorities
	}
	return pemOf(milan.ark.certificate.Raw, milan.ask.certificate.Raw, milan.asvk.certificate.Raw,
		genoa.ark.certificate.Raw, genoa.ask.certificate.Raw, genoa.asvk.certificate.Raw, intel.root.certificate.Raw)
}
