# Rules of `contrast lint`. Each looks at facts that src/lint/lint-facts.ts gathers, and adds to `findings`:
# an id of src/lint/rules/, the number of the object, the path inside of it, and the message in parts; a part in an
# array is text of the user, which is quoted and cut where the message is made.
package contrast.lint

import rego.v1

confidential := [w | some w in input.workloads; w.confidential]

# Pairs of a confidential workload and one of its containers that generate did not inject.
containers := [[w, c] | some w in confidential; some c in w.containers; not c.injected]

# Pairs of a workload whose pods have a mesh sidecar, and one of its containers.
meshed := [[w, c] | some w in confidential; w.mesh; some c in w.containers; not c.init]

finding(id, w, path, message) := {"rule": id, "object": w.object, "path": path, "message": message}

hinted(id, w, path, message, hint) := {
	"rule": id,
	"object": w.object,
	"path": path,
	"message": message,
	"hint": hint,
}

in_pod(path) := array.concat(["$pod"], path)

in_container(c, path) := array.concat(c.path, path)

annotation_path(key) := ["$template", "annotations", key]
