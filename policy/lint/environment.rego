package contrast.lint

import rego.v1

# Names that people give to what must stay secret; NAME_FILE and the like hold a path.
secret_name := `(?i)(^|[_.-])(pass(word|wd|phrase)?|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)([_.-]|$)`

pointing_name := `(?i)([_.-])(file|path|dir|name|url|uri|endpoint|ttl|expir(y|ation|es)|length|type|enabled|id|header|issuer|audience|mount)$`

# Texts that are secrets whatever they are called.
secret_value := `^(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,}|glpat-[\w-]{20,}|xox[abposr]-[\w-]{10,}|AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|sk_live_\w{16,}|AIza[\w-]{35}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)$|-----BEGIN [A-Z ]*PRIVATE KEY-----|^[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@$]+@`

findings contains finding("env-secret", w, in_container(c, ["env", i, "value"]), message) if {
	some [w, c] in containers
	some i, e in c.spec.env
	value := e.value
	is_string(value)
	why := secret_reason(e.name, value)
	message := ["variable ", [e.name], " ", why, ", and everybody who can read the YAML or the policy can read it"]
}

findings contains finding("env-from-secret", w, in_container(c, secret.path), message) if {
	some [w, c] in containers
	some secret in c.secrets
	message := array.concat(filled(secret), [", whose values the host and everybody who can read the policy can read"])
}

filled(secret) := ["variable ", [secret.name], " comes from a Secret"] if secret.name

filled(secret) := ["variables come from a Secret"] if not secret.name

secret_reason(name, value) := "has a value that looks like a secret" if {
	is_suspicious(value)
	regex.match(secret_value, value)
} else := "has a literal value, although its name says that it is a secret" if {
	value != ""
	may_be_secret_name(name)
	regex.match(secret_name, name)
	not regex.match(pointing_name, name)
	not startswith(value, "$(")
	not lower(value) in {"true", "false", "yes", "no", "none", "null", "0", "1"}
	not startswith(value, "/")
}

# Cheap questions before the regular expressions, because most variables are neither.
is_suspicious(value) if count(value) >= 20

is_suspicious(value) if contains(value, "://")

may_be_secret_name(name) if {
	small := lower(name)
	some word in ["pass", "secret", "token", "key", "credential"]
	contains(small, word)
}
