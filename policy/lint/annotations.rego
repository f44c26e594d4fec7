package contrast.lint

import rego.v1

# The size is told only where it is worth a word.
findings contains found if {
	some w in confidential
	w.annotation_bytes
	severity := annotation_severity(w.annotation_bytes)
	message := array.concat(
		[
			"the annotations of a pod come to ", format_int(w.annotation_bytes, 10), " bytes with its policy, of ",
			format_int(input.options.maximum_annotation_bytes, 10), " that Kubernetes accepts; the largest parts are ",
		],
		[part |
			some i, p in w.largest
			some part in [separator(i), p.name, " (", format_int(p.bytes, 10), ")"]
		],
	)
	path := ["$template", "annotations"]
	found := object.union(finding("annotation-size", w, path, message), {"severity": severity})
}

separator(i) := "" if i == 0

separator(i) := ", " if i > 0

annotation_severity(bytes) := "error" if bytes > input.options.maximum_annotation_bytes

annotation_severity(bytes) := "warning" if bytes <= input.options.maximum_annotation_bytes

findings contains object.union(finding("annotation-not-text", w, a.path, ["got a ", a.type, ", need text"]), fix) if {
	some w in input.workloads
	some a in w.odd_annotations
	fix := quoted(a)
}

quoted(a) := {"fix": [{"path": a.path, "value": a.text}]} if a.text

quoted(a) := {} if not a.text

findings contains finding("annotation-differs", w, a.path, message) if {
	some w in input.workloads
	some a in w.differing_annotations
	message := [a.key, ": got ", [a.object], " on the object and ", [a.template], " on the pod template; the template's counts"]
}
