# What no configuration may hold, read from the files themselves: what a plan does not show. Input: all files at once (`--combine`).
package hcl

import rego.v1

root(path) if contains(path, "/envs/")

# The parser makes a list of what may come twice, an object of what came once.
as_list(value) := value if is_array(value)

as_list(value) := [value] if not is_array(value)

finding(policy, path, words) := {"policy": policy, "address": path, "msg": sprintf("%s: %s", [path, words])}

providers contains {"path": file.path, "block": block} if {
	some file in input
	some name, found in file.contents.provider
	name == "aws"
	some block in as_list(found)
}

deny contains finding("tags", each.path, "expected default_tags with Project, Environment and ManagedBy in every provider block, or local.tags that has them") if {
	some each in providers
	not tagged(each)
}

tagged(each) if {
	some block in as_list(each.block.default_tags)
	block.tags == "${local.tags}"
	some file in input
	dirname(file.path) == dirname(each.path)
	some locals in as_list(file.contents.locals)
	complete(locals.tags)
}

tagged(each) if {
	some block in as_list(each.block.default_tags)
	complete(block.tags)
}

complete(tags) if {
	every key in ["Project", "Environment", "ManagedBy"] { tags[key] }
}

dirname(path) := concat("/", array.slice(split(path, "/"), 0, count(split(path, "/")) - 1))

deny contains finding("pinned-modules", file.path, sprintf("module %s: expected a folder of this repository or a source that is held still by a commit or an exact version, got %s", [name, module.source])) if {
	some file in input
	some name, found in file.contents.module
	some module in as_list(found)
	not pinned(module)
}

pinned(module) if startswith(module.source, "./")

pinned(module) if startswith(module.source, "../")

pinned(module) if regex.match(`\?(.*&)?ref=([0-9a-f]{40}|v?\d+\.\d+\.\d+)(&|$)`, module.source)

pinned(module) if {
	not contains(module.source, "::")
	regex.match(`^(= *)?\d+\.\d+\.\d+$`, module.version)
}

deny contains finding("pinned-providers", file.path, sprintf("provider %s: expected an exact version, got %s", [name, object.get(provider, "version", "none")])) if {
	some file in input
	root(file.path)
	some terraform in as_list(file.contents.terraform)
	some required in as_list(terraform.required_providers)
	some name, provider in required
	not regex.match(`^(= *)?\d+\.\d+\.\d+$`, object.get(provider, "version", ""))
}

deny contains finding("state-lock", file.path, "expected encrypt = true and use_lockfile = true in the s3 backend") if {
	some file in input
	some terraform in as_list(file.contents.terraform)
	some name, found in terraform.backend
	some backend in as_list(found)
	not safe(name, backend)
}

safe("s3", backend) if {
	backend.encrypt == true
	backend.use_lockfile == true
}

deny contains finding("state-elsewhere", concat("", ["envs/", environment]), "expected a backend: state on a laptop is lost with it") if {
	some environment in {name | some file in input; root(file.path); name := regex.replace(file.path, `^.*/envs/([^/]+)/.*$`, "$1")}
	count([1 | some file in input; contains(file.path, concat("", ["/envs/", environment, "/"])); some terraform in as_list(file.contents.terraform); terraform.backend]) == 0
}

deny contains finding("provider-in-module", each.path, "expected providers in the environments alone: a module with one cannot be removed") if {
	some each in providers
	not root(each.path)
}

deny contains finding("secret-default", file.path, sprintf("variable %s: expected no default, and ephemeral or sensitive = true", [name])) if {
	some file in input
	some name, found in file.contents.variable
	regex.match(`(^|_)(password|token|secret|private_key)$`, name)
	some variable in as_list(found)
	leaks(variable)
}

leaks(variable) if object.get(variable, "default", null) != null

leaks(variable) if {
	not variable.ephemeral == true
	not variable.sensitive == true
}

deny contains {"policy": "empty-configuration", "address": "", "msg": "there is no configuration to look at"} if count(input) == 0
