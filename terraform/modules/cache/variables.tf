variable "name" {
  description = "Name of the cache, such as docuthinker-prod."
  type        = string
}

variable "engine_version" {
  description = "Release of Redis; its major one is that of the tests."
  type        = string
  default     = "7.1"
}

variable "node_type" {
  description = "Size of a node, such as cache.t4g.small."
  type        = string

  validation {
    condition     = startswith(var.node_type, "cache.")
    error_message = "node_type: expected a type of ElastiCache, such as cache.t4g.small."
  }
}

variable "replicas" {
  description = "Copies in other zones; from one on the cache survives the loss of a zone."
  type        = number

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5
    error_message = "replicas: expected 0 to 5."
  }
}

variable "auth_token" {
  description = "Password of the cache."
  type        = string
  ephemeral   = true
  sensitive   = true

  validation {
    condition     = length(var.auth_token) >= 32 && length(var.auth_token) <= 128
    error_message = "auth_token: expected 32 to 128 characters."
  }
}

variable "auth_token_version" {
  description = "One more with each new auth_token: nothing else tells that it changed."
  type        = number
}

variable "snapshot_retention_days" {
  description = "How long daily snapshots are kept."
  type        = number
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets."
  type        = list(string)
}

variable "client_security_group_id" {
  description = "Group that may connect."
  type        = string
}

variable "log_retention_days" {
  description = "How long logs are kept."
  type        = number
}

variable "data_key_arn" {
  description = "Key that the cache is encrypted with."
  type        = string
}

variable "logs_key_arn" {
  description = "Key that logs are encrypted with."
  type        = string
}
