variable "cluster_name" {
  description = "Name of the cluster, such as docuthinker-eks-prod."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor release of Kubernetes; one that AWS still supports without extra charge."
  type        = string

  validation {
    condition     = can(regex("^1\\.(3[3-9]|[4-9][0-9])$", var.kubernetes_version))
    error_message = "kubernetes_version: expected a minor release from 1.33 on, such as 1.34."
  }
}

variable "subnet_ids" {
  description = "Private subnets of control plane and nodes."
  type        = list(string)
}

variable "api_client_cidrs" {
  description = "Private networks besides the cluster's own that may call the API server, such as that of CI runners."
  type        = list(string)
  default     = []

  validation {
    condition     = !contains(var.api_client_cidrs, "0.0.0.0/0")
    error_message = "api_client_cidrs: expected private networks, got the whole internet."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the cluster."
  type        = bool
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

  validation {
    condition     = anytrue([for group in var.node_groups : !group.spot])
    error_message = "node_groups: expected one group at least that is not spot: AWS takes spot nodes away with two minutes' notice."
  }
  validation {
    condition     = alltrue([for group in var.node_groups : group.min_size >= 1 && group.min_size <= group.max_size])
    error_message = "node_groups: expected 1 <= min_size <= max_size."
  }
  validation {
    condition     = alltrue([for group in var.node_groups : !group.spot || length(group.instance_types) >= 3])
    error_message = "node_groups: expected three instance types at least for a spot group, so that one pool running dry does not empty it."
  }
}

variable "addon_versions" {
  description = "Exact versions of the cluster's addons."
  type        = map(string)

  validation {
    condition     = alltrue([for version in values(var.addon_versions) : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+-eksbuild\\.[0-9]+$", version))])
    error_message = "addon_versions: expected exact versions, such as v1.20.4-eksbuild.2."
  }
  validation {
    condition     = alltrue([for name in ["vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent"] : contains(keys(var.addon_versions), name)])
    error_message = "addon_versions: expected vpc-cni, kube-proxy, coredns and eks-pod-identity-agent: nodes are not ready without the first two, pods have no names without the third and no rights without the last."
  }
}

variable "pod_identities" {
  description = "Rights of pods, by name: ServiceAccount, and a policy as JSON or one that AWS manages."
  type = map(object({
    namespace          = string
    service_account    = string
    policy             = optional(string)
    managed_policy_arn = optional(string)
  }))
  default = {}
}

variable "access" {
  description = "Who may call the API server, by name: IAM principal, EKS access policy, namespaces (none means all)."
  type = map(object({
    principal_arn = string
    policy        = string
    namespaces    = optional(list(string), [])
  }))
  default = {}
}

variable "log_retention_days" {
  description = "How long the control plane's logs are kept."
  type        = number
}

variable "data_key_arn" {
  description = "Key that Secrets and disks are encrypted with."
  type        = string
}

variable "logs_key_arn" {
  description = "Key that logs are encrypted with."
  type        = string
}
