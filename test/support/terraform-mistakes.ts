import type { Tree } from "./trees.js"

/** A mistake in the infrastructure code, with the policy that must find it, and nothing else needs to change. */
export interface TerraformMistake {
  readonly policy: string
  /** Relative to `terraform/`. */
  readonly file: string
  readonly from: string | RegExp
  readonly to: string
}

const m = (policy: string, file: string, from: string | RegExp, to: string): TerraformMistake => ({ policy, file: `modules/${file}`, from, to })

/** Mistakes that a plan shows, one for each policy of ci/tools/terraform/policy/plan.rego. */
export const PLAN_MISTAKES: readonly TerraformMistake[] = [
  m("bucket-public-access", "storage/main.tf", "block_public_policy     = true", "block_public_policy     = false"),
  m("database-public", "database/main.tf", "publicly_accessible    = false", "publicly_accessible    = true"),
  m("cluster-public", "eks/main.tf", "endpoint_public_access  = false", "endpoint_public_access  = true"),
  m("open-ingress", "cache/main.tf", "referenced_security_group_id = var.client_security_group_id", 'cidr_ipv4                    = "0.0.0.0/0"'),
  m("load-balancer-public", "edge/load-balancer.tf", /internal( +)= true/, "internal$1= false"),
  m("bucket-encryption", "dr/buckets.tf", /(resource "aws_s3_bucket_server_side_encryption_configuration" "main" \{\n.*\n *for_each = )aws_s3_bucket.main/, "$1{ for name, bucket in aws_s3_bucket.main : name => bucket if name == \"uploads\" }"),
  m("database-encryption", "database/main.tf", "storage_encrypted     = true", "storage_encrypted     = false"),
  m("cache-encryption", "cache/main.tf", "at_rest_encryption_enabled = true", "at_rest_encryption_enabled = false"),
  m("cluster-secrets-encryption", "eks/main.tf", /\n {2}encryption_config \{[^]*?\n {2}\}\n/, ""),
  m("disk-encryption", "eks/nodes.tf", "encrypted             = true", "encrypted             = false"),
  m("log-encryption", "network/flow-logs.tf", /\n *kms_key_id .*/, ""),
  m("topic-encryption", "observability/main.tf", /\n *kms_master_key_id .*/, ""),
  m("key-rotation", "edge/waf.tf", "enable_key_rotation     = true", "enable_key_rotation     = false"),
  m("bucket-tls", "storage/main.tf", '"aws:SecureTransport" = "false"', '"aws:SecureTransport" = "true"'),
  m("database-tls", "database/main.tf", '"rds.force_ssl" = "1"', '"rds.force_ssl" = "0"'),
  m("cache-tls", "cache/main.tf", 'transit_encryption_mode    = "required"', 'transit_encryption_mode    = "preferred"'),
  m("viewer-tls", "edge/main.tf", "TLSv1.2_2021", "TLSv1_2016"),
  m("listener-tls", "edge/load-balancer.tf", "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08"),
  m("database-deletion-protection", "database/main.tf", /deletion_protection( +)= var.deletion_protection/, "deletion_protection$1= false"),
  m("database-standby", "database/main.tf", /multi_az( +)= var.multi_az/, "multi_az$1= false"),
  m("cluster-deletion-protection", "eks/main.tf", /deletion_protection( +)= var.deletion_protection/, "deletion_protection$1= false"),
  m("database-backups", "database/main.tf", /backup_retention_period( +)= var.backup_retention_days/, "backup_retention_period$1= 1"),
  m("bucket-versioning", "storage/main.tf", /(versioning_configuration \{\n *status = )"Enabled"/, '$1"Suspended"'),
  m("bucket-force-destroy", "storage/main.tf", /force_destroy( +)= false/, "force_destroy$1= true"),
  m("vault-lock", "backup/main.tf", 'resource "aws_backup_vault_lock_configuration" "main" {\n', 'resource "aws_backup_vault_lock_configuration" "main" {\n  count               = 0\n'),
  m("secret-recovery", "secrets/main.tf", /recovery_window_in_days( +)= .*/, "recovery_window_in_days$1= 0"),
  m("nat-per-zone", "product/main.tf", /nat_per_zone( +)= var.critical/, "nat_per_zone$1= false"),
  m("flow-logs", "network/flow-logs.tf", 'resource "aws_flow_log" "main" {\n', 'resource "aws_flow_log" "main" {\n  count                    = 0\n'),
  m("cluster-logs", "eks/main.tf", '"api", "audit", ', '"api", '),
  m("database-logs", "database/main.tf", '["postgresql", "upgrade"]\n  performance', "[]\n  performance"),
  m("distribution-logs", "edge/main.tf", /\n {2}logging_config \{[^]*?\n {2}\}\n/, "\n"),
  m("balancer-logs", "edge/load-balancer.tf", "enabled = true", "enabled = false"),
  m("log-retention", "cache/main.tf", /retention_in_days( +)= .*/, "retention_in_days$1= 7"),
  m("trail", "observability/audit.tf", /is_multi_region_trail( +)= true/, "is_multi_region_trail$1= false"),
  m("iam-wildcard", "product/access.tf", '"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"', '"secretsmanager:*"'),
  m("iam-trust", "network/flow-logs.tf", 'Principal = { Service = "vpc-flow-logs.amazonaws.com" }', 'Principal = "*"'),
  m("iam-ci-subject", "ci-identity/main.tf", /\n *StringLike .*/, ""),
  m("iam-keys", "registry/main.tf", /$/, '\nresource "aws_iam_user" "ci" {\n  name = "ci"\n}\n'),
  m("database-password", "database/main.tf", /manage_master_user_password( +)= true/, 'password$1= "an-example-of-what-not-to-do"'),
  m("instance-metadata", "eks/nodes.tf", /http_tokens( +)= "required"/, 'http_tokens$1= "optional"'),
  m("firewall", "edge/main.tf", /\n *web_acl_id .*/, ""),
  m("firewall-rate", "edge/waf.tf", /rate_based_statement \{[^]*?\n( +)\}\n/, 'managed_rule_group_statement {\n        name        = "AWSManagedRulesCommonRuleSet"\n        vendor_name = "AWS"\n$1}\n'),
  m("image-tags", "registry/main.tf", '"IMMUTABLE"', '"MUTABLE"'),
  m("image-scan", "registry/main.tf", "scan_on_push = true", "scan_on_push = false"),
]

/** Mistakes that only the files show, one for each policy of hcl.rego. */
export const FILE_MISTAKES: readonly TerraformMistake[] = [
  { policy: "tags", file: "envs/dev/providers.tf", from: /\n *ManagedBy .*/, to: "" },
  { policy: "pinned-providers", file: "envs/dev/versions.tf", from: '"6.62.0"', to: '"~> 6.62"' },
  { policy: "state-lock", file: "envs/dev/backend.tf", from: "use_lockfile = true", to: "use_lockfile = false" },
  { policy: "state-elsewhere", file: "envs/staging/backend.tf", from: /^[^]*$/, to: "# Nothing.\n" },
  { policy: "secret-default", file: "modules/cache/variables.tf", from: /(variable "auth_token" \{\n)/, to: '$1  default     = "an-example-of-what-not-to-do-0123"\n' },
]

/** Mistakes in files of their own. */
export const NEW_FILES: Readonly<Record<string, string>> = {
  // policy pinned-modules; out of reach, too.
  "terraform/modules/unpinned/main.tf": 'module "vpc" {\n  source = "git::https://git.example.org/vpc.git?ref=main"\n}\n',
  // policy provider-in-module
  "terraform/modules/with-provider/main.tf": 'provider "aws" {\n  region = "eu-central-1"\n}\n',
  // fmt and tflint
  "terraform/modules/untidy/main.tf": "locals {\n    nobody = 1\n  asks_for_it = 2\n}\n",
}

export function plantMistakes(tree: Tree, mistakes: readonly TerraformMistake[]): Tree {
  return mistakes.reduce((planted, { policy, file, from, to }) => {
    const text = planted.read(`terraform/${file}`)
    const changed = text.replace(from, to)
    if (changed === text) throw new Error(`${policy}: ${file} does not have ${String(from)} any more`)
    return planted.write(`terraform/${file}`, changed)
  }, tree)
}

/** What is a mistake only where a person has to approve what is done; and what other environments do not have at all. */
export const PROTECTED_ALONE: readonly string[] = ["bucket-encryption", "cluster-deletion-protection", "database-deletion-protection", "database-standby", "iam-keys", "image-scan", "image-tags", "nat-per-zone", "trail"]
