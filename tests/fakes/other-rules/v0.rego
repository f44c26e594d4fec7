# Rules of another author: the shape of generators before `if` was usual, with a state and many prints.
package agent_policy

import future.keywords.in
import future.keywords.every

default CreateSandboxRequest := false
default CreateContainerRequest := {"ops": [], "allowed": false}
default StartContainerRequest := true
default ExecProcessRequest := false
default CopyFileRequest := false
default ReadStreamRequest := false
default UpdateInterfaceRequest := true

CreateSandboxRequest {
  print("sandbox: storages =", count(input.storages))
  input.guest_hook_path == ""
  count(input.kernel_modules) == 0
  input.sandbox_pidns == false
}

CreateContainerRequest := {"ops": ops, "allowed": true} {
  print("container: id =", input.container_id)
  is_null(input.OCI.Hooks)
  ops_namespace := remember("namespace", input.OCI.Annotations["io.kubernetes.cri.sandbox-namespace"])
  some p_container in policy_data.containers
  print("container: trying", object.get(p_container, ["OCI", "Process", "Args"], []))
  same_process(p_container.OCI.Process, input.OCI.Process)
  env_allowed(p_container, input.OCI.Process.Env)
  p_container.OCI.Root.Readonly == input.OCI.Root.Readonly
  ops := array.concat(ops_namespace, [{"op": "add", "path": concat("/", ["/pstate", input.container_id]), "value": p_container.OCI.Process.Cwd}])
}

same_process(p, i) {
  p.Args == i.Args
  p.Cwd == i.Cwd
  p.NoNewPrivileges == i.NoNewPrivileges
}

env_allowed(p_container, env) {
  every variable in env {
    variable_allowed(p_container, variable)
  }
}

variable_allowed(p_container, variable) {
  variable in p_container.OCI.Process.Env
}

variable_allowed(_, variable) {
  name := split(variable, "=")[0]
  regex.match("^(HOSTNAME|TERM|KUBERNETES_[A-Z0-9_]+)$", name)
}

remember(key, value) := [] {
  data.pstate[key] == value
}

remember(key, value) := [{"op": "add", "path": concat("/", ["/pstate", key]), "value": value}] {
  not data.pstate[key]
}

ExecProcessRequest {
  data.pstate[input.container_id]
  some command in policy_data.request_defaults.ExecProcessRequest.allowed_commands
  command == concat(" ", input.process.Args)
}

CopyFileRequest {
  some prefix in ["^/run/kata-containers/shared/containers/"]
  regex.match(prefix, input.path)
  not contains(input.path, "..")
}
