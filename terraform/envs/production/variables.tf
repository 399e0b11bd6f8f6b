variable "environment" {
  description = "Name of the environment in delivery.yaml."
  type        = string
}

variable "environment_short" {
  description = "The same as names have it."
  type        = string
}

variable "critical" {
  description = "Users depend on it: a NAT gateway and a standby in each zone, deletion protection, a month of backups, copies in another region."
  type        = bool
}

variable "account_id" {
  description = "AWS account that everything lives in."
  type        = string
}

variable "region" {
  description = "Region that everything lives in."
  type        = string
}

variable "replica_region" {
  description = "Region of the copies, where there are any."
  type        = string
}

variable "availability_zones" {
  description = "Three zones of the region."
  type        = list(string)
}

variable "cidr" {
  description = "Addresses of the network; the chart's values name the same."
  type        = string
}

variable "domain" {
  description = "Name that users type."
  type        = string
}

variable "zone_id" {
  description = "Hosted zone of Route 53 that the domain is in."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor release of Kubernetes."
  type        = string
}

variable "addon_versions" {
  description = "Exact versions of the cluster's addons: `aws eks describe-addon-versions` lists them."
  type        = map(string)
}

variable "node_groups" {
  description = "Managed node groups by name."
  type = map(object({
    instance_types = list(string)
    min_size       = number
    max_size       = number
    disk_gib       = optional(number, 50)
    spot           = optional(bool, false)
  }))
}

variable "api_client_cidrs" {
  description = "Private networks that may call the API server, such as that of CI runners."
  type        = list(string)
  default     = []
}

variable "administrator_role_arns" {
  description = "IAM roles that may do everything in the cluster."
  type        = list(string)
  default     = []
}

variable "ci_systems" {
  description = "CI systems whose jobs may push and deploy."
  type = map(object({
    issuer   = string
    audience = string
    subjects = list(string)
  }))
  default = {}
}

variable "database_class" {
  description = "Size of the database."
  type        = string
}

variable "database_storage_gib" {
  description = "Storage of the database at first."
  type        = number
}

variable "cache_type" {
  description = "Size of a cache node."
  type        = string
}

variable "redis_auth_token" {
  description = "Password of the cache; comes as TF_VAR_redis_auth_token and is kept in Secrets Manager alone."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "redis_auth_token_version" {
  description = "One more with each new password."
  type        = number
  default     = 1
}

variable "account_wide" {
  description = "Make what an account has once: audit trail, threat detection, image repositories, OIDC providers. True for one environment of an account."
  type        = bool
}

variable "alert_emails" {
  description = "Who hears of alarms."
  type        = list(string)
}

variable "monthly_budget_usd" {
  description = "Cost in a month from which on somebody is told."
  type        = number
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
}
