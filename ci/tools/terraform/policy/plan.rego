# What no plan of ours may hold. Input: a plan as `tofu show -json` prints it. data.delivery.protected: a person has to approve what is done to this environment.
# Each rule has a name, and test/full/terraform.test.ts plants a mistake for each name.
package plan

import rego.v1

after(type) := [change | some change in input.resource_changes; change.type == type; change.mode == "managed"; not gone(change)]

gone(change) if change.change.actions == ["delete"]

protected if data.delivery.protected

# A value that is there, or that will be known once it is applied.
has(change, field) if {
	value := change.change.after[field]
	not value in {null, "", false}
}

has(change, field) if change.change.after_unknown[field] == true

finding(policy, change, words) := {"policy": policy, "address": change.address, "msg": sprintf("%s: %s", [change.address, words])}

# The resource of another type in the same module under the same key.
beside(change, type) := [other |
	some other in after(type)
	module_of(other) == module_of(change)
	object.get(other, "index", null) == object.get(change, "index", null)
]

# In the root there is none.
module_of(change) := object.get(change, "module_address", "")

statements(text) := [statement | some statement in as_list(json.unmarshal(text).Statement)]

as_list(value) := value if is_array(value)

as_list(value) := [value] if not is_array(value)

# --- nothing public

deny contains finding("bucket-public-access", bucket, "expected an aws_s3_bucket_public_access_block beside it with all four switches on") if {
	some bucket in after("aws_s3_bucket")
	closed := [block |
		some block in beside(bucket, "aws_s3_bucket_public_access_block")
		every switch in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"] { block.change.after[switch] == true }
	]
	count(closed) == 0
}

deny contains finding("database-public", database, "expected publicly_accessible = false") if {
	some database in after("aws_db_instance")
	database.change.after.publicly_accessible == true
}

deny contains finding("cluster-public", cluster, "expected endpoint_public_access = false; unset it is true") if {
	some cluster in after("aws_eks_cluster")
	some config in cluster.change.after.vpc_config
	not config.endpoint_public_access == false
}

deny contains finding("open-ingress", rule, "expected an ingress that names who may come, got the whole internet") if {
	some type in ["aws_vpc_security_group_ingress_rule", "aws_security_group_rule"]
	some rule in after(type)
	object.get(rule.change.after, "type", "ingress") == "ingress"
	some address in addresses_of(rule.change.after)
	address in {"0.0.0.0/0", "::/0"}
}

# Of what is left out a plan says null, which is no list to go through.
addresses_of(rule) := {rule[field] | some field in ["cidr_ipv4", "cidr_ipv6"]} | {address |
	some field in ["cidr_blocks", "ipv6_cidr_blocks"]
	some address in rule[field]
}

deny contains finding("load-balancer-public", balancer, "expected internal = true: CloudFront and its firewall stand before it") if {
	some balancer in after("aws_lb")
	not balancer.change.after.internal == true
}

# --- everything encrypted

deny contains finding("bucket-encryption", bucket, "expected an aws_s3_bucket_server_side_encryption_configuration beside it") if {
	some bucket in after("aws_s3_bucket")
	count(beside(bucket, "aws_s3_bucket_server_side_encryption_configuration")) == 0
}

deny contains finding("database-encryption", database, "expected storage_encrypted = true and a key") if {
	some database in after("aws_db_instance")
	not encrypted_database(database)
}

encrypted_database(database) if {
	database.change.after.storage_encrypted == true
	has(database, "kms_key_id")
}

deny contains finding("cache-encryption", cache, "expected at_rest_encryption_enabled = true") if {
	some cache in after("aws_elasticache_replication_group")
	not cache.change.after.at_rest_encryption_enabled in {true, "true"}
}

deny contains finding("cluster-secrets-encryption", cluster, "expected encryption_config for secrets") if {
	some cluster in after("aws_eks_cluster")
	count([1 | some config in cluster.change.after.encryption_config; "secrets" in config.resources]) == 0
}

deny contains finding("disk-encryption", template, "expected encrypted = true for every disk") if {
	some template in after("aws_launch_template")
	some device in template.change.after.block_device_mappings
	some disk in device.ebs
	not disk.encrypted in {true, "true"}
}

deny contains finding("log-encryption", group, "expected kms_key_id") if {
	some group in after("aws_cloudwatch_log_group")
	not has(group, "kms_key_id")
}

deny contains finding("topic-encryption", topic, "expected kms_master_key_id") if {
	some topic in after("aws_sns_topic")
	not has(topic, "kms_master_key_id")
}

deny contains finding("key-rotation", key, "expected enable_key_rotation = true") if {
	some key in after("aws_kms_key")
	not key.change.after.enable_key_rotation == true
}

# --- TLS 1.2 or later, and TLS alone

deny contains finding("bucket-tls", bucket, "expected a policy beside it that denies what comes without TLS") if {
	some bucket in after("aws_s3_bucket")
	count([1 | some policy in beside(bucket, "aws_s3_bucket_policy"); tls_alone(policy)]) == 0
}

tls_alone(policy) if {
	some statement in statements(policy.change.after.policy)
	statement.Effect == "Deny"
	statement.Condition.Bool["aws:SecureTransport"] == "false"
}

deny contains finding("database-tls", group, "expected the parameter rds.force_ssl = 1") if {
	some group in after("aws_db_parameter_group")
	startswith(group.change.after.family, "postgres")
	count([1 | some parameter in group.change.after.parameter; parameter.name == "rds.force_ssl"; parameter.value == "1"]) == 0
}

deny contains finding("cache-tls", cache, "expected transit_encryption_enabled = true and transit_encryption_mode = required") if {
	some cache in after("aws_elasticache_replication_group")
	not required_tls(cache.change.after)
}

required_tls(cache) if {
	cache.transit_encryption_enabled in {true, "true"}
	object.get(cache, "transit_encryption_mode", null) in {"required", null}
}

deny contains finding("viewer-tls", distribution, "expected TLSv1.2_2021 or later, and HTTPS alone") if {
	some distribution in after("aws_cloudfront_distribution")
	not modern_viewer(distribution.change.after)
}

modern_viewer(distribution) if {
	every certificate in distribution.viewer_certificate { regex.match(`^TLSv1\.(2_20(19|2[0-9])|3)`, object.get(certificate, "minimum_protocol_version", "none")) }
	every behaviour in array.concat(distribution.default_cache_behavior, distribution.ordered_cache_behavior) { behaviour.viewer_protocol_policy in {"redirect-to-https", "https-only"} }
}

deny contains finding("listener-tls", listener, "expected HTTPS with a policy of TLS 1.2 or later, or a redirect to it") if {
	some listener in after("aws_lb_listener")
	not modern_listener(listener.change.after)
}

modern_listener(listener) if {
	listener.protocol in {"HTTPS", "TLS"}
	regex.match(`^ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)`, object.get(listener, "ssl_policy", ""))
}

modern_listener(listener) if {
	listener.protocol == "HTTP"
	every action in listener.default_action {
		action.type == "redirect"
		every redirect in action.redirect { redirect.protocol == "HTTPS" }
	}
}

# --- what must not be lost

deny contains finding("database-deletion-protection", database, "expected deletion_protection = true here") if {
	protected
	some database in after("aws_db_instance")
	not database.change.after.deletion_protection == true
}

deny contains finding("database-standby", database, "expected multi_az = true here") if {
	protected
	some database in after("aws_db_instance")
	not database.change.after.multi_az == true
}

deny contains finding("cluster-deletion-protection", cluster, "expected deletion_protection = true here") if {
	protected
	some cluster in after("aws_eks_cluster")
	not cluster.change.after.deletion_protection == true
}

deny contains finding("database-backups", database, "expected backup_retention_period of 7 days at least, and a final snapshot") if {
	some database in after("aws_db_instance")
	not backed_up(database.change.after)
}

backed_up(database) if {
	database.backup_retention_period >= 7
	not database.skip_final_snapshot == true
}

deny contains finding("bucket-versioning", bucket, "expected an aws_s3_bucket_versioning beside it with status Enabled") if {
	some bucket in after("aws_s3_bucket")
	count([1 | some versioning in beside(bucket, "aws_s3_bucket_versioning"); some config in versioning.change.after.versioning_configuration; config.status == "Enabled"]) == 0
}

deny contains finding("bucket-force-destroy", bucket, "expected force_destroy = false") if {
	some bucket in after("aws_s3_bucket")
	bucket.change.after.force_destroy == true
}

deny contains finding("vault-lock", vault, "expected an aws_backup_vault_lock_configuration in the same module") if {
	some vault in after("aws_backup_vault")
	count(beside(vault, "aws_backup_vault_lock_configuration")) == 0
}

deny contains finding("secret-recovery", secret, "expected recovery_window_in_days of 7 at least") if {
	some secret in after("aws_secretsmanager_secret")
	object.get(secret.change.after, "recovery_window_in_days", 30) < 7
}

deny contains finding("nat-per-zone", vpc, "expected as many NAT gateways as zones here") if {
	protected
	some vpc in after("aws_vpc")
	zones := {subnet.change.after.availability_zone | some subnet in after("aws_subnet"); module_of(subnet) == module_of(vpc)}
	gateways := [gateway | some gateway in after("aws_nat_gateway"); module_of(gateway) == module_of(vpc)]
	count(gateways) < count(zones)
}

# --- logs on

deny contains finding("flow-logs", vpc, "expected an aws_flow_log beside it") if {
	some vpc in after("aws_vpc")
	count(beside(vpc, "aws_flow_log")) == 0
}

deny contains finding("cluster-logs", cluster, "expected api, audit and authenticator in enabled_cluster_log_types") if {
	some cluster in after("aws_eks_cluster")
	{"api", "audit", "authenticator"} - {type | some type in cluster.change.after.enabled_cluster_log_types} != set()
}

deny contains finding("database-logs", database, "expected enabled_cloudwatch_logs_exports with the engine's log") if {
	some database in after("aws_db_instance")
	count([1 | some _ in database.change.after.enabled_cloudwatch_logs_exports]) == 0
}

deny contains finding("distribution-logs", distribution, "expected logging_config") if {
	some distribution in after("aws_cloudfront_distribution")
	count(distribution.change.after.logging_config) == 0
}

deny contains finding("balancer-logs", balancer, "expected access_logs") if {
	some balancer in after("aws_lb")
	count([1 | some logs in balancer.change.after.access_logs; logs.enabled == true]) == 0
}

deny contains finding("log-retention", group, "expected retention_in_days of 30 at least") if {
	some group in after("aws_cloudwatch_log_group")
	not group.change.after.retention_in_days >= 30
}

deny contains finding("trail", trail, "expected every region, validated files and a key") if {
	some trail in after("aws_cloudtrail")
	not good_trail(trail)
}

good_trail(trail) if {
	trail.change.after.is_multi_region_trail == true
	trail.change.after.enable_log_file_validation == true
	has(trail, "kms_key_id")
}

# --- who may do what

deny contains finding("iam-wildcard", policy, sprintf("expected actions by name, got %v on %v", [action, statement.Resource])) if {
	some type in ["aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"]
	some policy in after(type)
	some statement in statements(policy.change.after.policy)
	statement.Effect == "Allow"
	some action in as_list(statement.Action)
	endswith(action, "*")
}

deny contains finding("iam-trust", role, "expected a principal by name, got everybody") if {
	some role in after("aws_iam_role")
	some statement in statements(role.change.after.assume_role_policy)
	statement.Effect == "Allow"
	everybody(statement.Principal)
}

everybody("*")

everybody(principal) if "*" in as_list(principal.AWS)

deny contains finding("iam-ci-subject", role, "expected a condition on the token's subject: any job of that CI system could come in") if {
	some role in after("aws_iam_role")
	some statement in statements(role.change.after.assume_role_policy)
	"sts:AssumeRoleWithWebIdentity" in as_list(statement.Action)
	subjects := [value | some condition in statement.Condition; some key, values in condition; endswith(key, ":sub"); some value in as_list(values)]
	not named(subjects)
}

named(subjects) if {
	count(subjects) > 0
	every subject in subjects { not startswith(subject, "*") }
}

deny contains finding("iam-keys", key, "expected roles: a long-lived key leaks sooner or later") if {
	some type in ["aws_iam_access_key", "aws_iam_user"]
	some key in after(type)
}

deny contains finding("database-password", database, "expected manage_master_user_password = true: a password here is in plan and state") if {
	some database in after("aws_db_instance")
	not database.change.after.manage_master_user_password == true
}

deny contains finding("instance-metadata", template, "expected http_tokens = required and one hop") if {
	some template in after("aws_launch_template")
	count([1 | some options in template.change.after.metadata_options; options.http_tokens == "required"; options.http_put_response_hop_limit == 1]) == 0
}

# --- the edge

deny contains finding("firewall", distribution, "expected web_acl_id") if {
	some distribution in after("aws_cloudfront_distribution")
	not has(distribution, "web_acl_id")
}

deny contains finding("firewall-rate", acl, "expected a rule that limits the rate") if {
	some acl in after("aws_wafv2_web_acl")
	count([1 | some rule in acl.change.after.rule; some statement in rule.statement; count(statement.rate_based_statement) > 0]) == 0
}

deny contains finding("image-tags", repository, "expected image_tag_mutability = IMMUTABLE") if {
	some repository in after("aws_ecr_repository")
	not repository.change.after.image_tag_mutability == "IMMUTABLE"
}

deny contains finding("image-scan", repository, "expected scan_on_push = true") if {
	some repository in after("aws_ecr_repository")
	count([1 | some scan in repository.change.after.image_scanning_configuration; scan.scan_on_push == true]) == 0
}

# --- no data is no pass

deny contains {"policy": "empty-plan", "address": "", "msg": "the plan holds no resource: there is nothing that could be right"} if count(object.get(input, "resource_changes", [])) == 0
