package contrast.lint

import rego.v1

# An image that generate replaces by one of the release gets its digest there.
findings contains finding("image-digest", w, in_container(c, ["image"]), ["image ", [image], " has no digest"]) if {
	some [w, c] in containers
	image := c.spec.image
	is_string(image)
	not contains(image, "@")
	not input.options.replaced[image]
}

findings contains found if {
	some w in confidential
	some c in w.containers
	image := c.spec.image
	some repository, release in input.options.releases
	startswith(image, repository)
	name := split(image, "@")[0]
	startswith(name, concat("", [repository, ":"]))
	tag := substring(name, count(repository) + 1, -1)
	tag != release.tag
	not input.options.replaced[image]
	found := object.union(
		hinted(
			"component-version", w, in_container(c, ["image"]),
			["got version ", [tag], " of ", repository, ", this program goes with ", [release.tag]],
			["Write ", repository, ":latest to get the version that fits."],
		),
		{"fix": [{"path": in_container(c, ["image"]), "value": release.reference}]},
	)
}
