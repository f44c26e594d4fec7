package contrast.lint

import rego.v1

# What stays inside of the guest, or what the host hands over as files that it can choose.
guest_sources := {"emptyDir", "ephemeral"}

config_sources := {"configMap", "secret", "projected", "downwardAPI"}

# What a policy can describe as a directory that is shared with the host.
shared_sources := {"azureFile", "csi", "nfs"}

mounts := [[w, c, i, m] |
	some [w, c] in containers
	some i, m in c.spec.volumeMounts
]

# Name of the volume in quotes, by mount.
findings contains finding(id, w, in_container(c, ["volumeMounts", i, "name"]), message) if {
	some [w, c, i, m] in mounts
	volume := w.volumes[m.name]
	[id, message] := judged(volume, m)
}

judged(volume, m) := [
	"volume-host-path",
	["volume ", [m.name], " is ", [volume.value.path], " of the host, which can read and change its files"],
] if {
	volume.source == "hostPath"
}

judged(volume, m) := [
	"volume-claim",
	["volume ", [m.name], " is a claim with a file system: the host can read and change its files"],
] if {
	volume.source == "persistentVolumeClaim"
}

judged(volume, m) := [
	"volume-shared",
	["volume ", [m.name], " is a ", volume.source, ": the host can read and change its files"],
] if {
	volume.source in shared_sources
}

judged(volume, m) := [
	"volume-config",
	["volume ", [m.name], " is a ", volume.source, ": the host decides what its files contain"],
] if {
	volume.source in config_sources
}

judged(volume, m) := [
	"volume-unsupported",
	["volume ", [m.name], " is a ", [volume.source], ", which no policy can describe"],
] if {
	not volume.source in guest_sources
	not volume.source in config_sources
	not volume.source in shared_sources
	not volume.source in {"hostPath", "persistentVolumeClaim"}
}

# Generate adds the volume for the files of the Initializer.
findings contains finding("mount-unknown", w, in_container(c, [list, i, "name"]), message) if {
	some [w, c] in containers
	some list in ["volumeMounts", "volumeDevices"]
	some i, m in c.spec[list]
	is_string(m.name)
	m.name != "contrast-secrets"
	not object.get(w, "volumes", {})[m.name]
	message := ["the pod has no volume ", [m.name]]
}

findings contains finding("sub-path", w, in_container(c, ["volumeMounts", i, "subPath"]), message) if {
	some [w, c, i, m] in mounts
	is_string(m.subPath)
	m.subPath != ""
	message := ["volume ", [m.name], " is mounted with subPath, which the runtime does not support"]
}
