package contrast.lint

import rego.v1

# The policy admits the command for the whole life of the container, whoever asks for it.
findings contains exec_finding(w, c, [probe, "exec", "command"], command) if {
	some [w, c] in containers
	some probe in ["livenessProbe", "readinessProbe", "startupProbe"]
	command := c.spec[probe].exec.command
}

findings contains exec_finding(w, c, ["lifecycle", hook, "exec", "command"], command) if {
	some [w, c] in containers
	hooks := c.spec.lifecycle
	some hook in ["postStart", "preStop"]
	command := hooks[hook].exec.command
}

# Arguments may hold secrets, so only the program is told.
exec_finding(w, c, path, command) := finding(
	"exec-probe", w, in_container(c, path),
	["the host may run ", [command[0]], " in container ", [c.name], " at any time"],
)
