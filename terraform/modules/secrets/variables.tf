variable "prefix" {
  description = "What every name begins with, such as docuthinker/production."
  type        = string
}

variable "account_id" {
  description = "Account whose roles alone may read."
  type        = string
}

variable "secrets" {
  description = "What there is, by name: what it holds."
  type        = map(string)

  validation {
    condition     = contains(keys(var.secrets), "redis")
    error_message = "secrets: expected `redis`, whose value is written here."
  }
}

variable "redis_address" {
  description = "Host of the cache."
  type        = string
}

variable "redis_auth_token" {
  description = "Password of the cache."
  type        = string
  ephemeral   = true
  sensitive   = true
}

variable "redis_auth_token_version" {
  description = "One more with each new password."
  type        = number
}

variable "recovery_window_days" {
  description = "How long a deleted secret can be had back."
  type        = number
  default     = 30

  validation {
    condition     = var.recovery_window_days >= 7 && var.recovery_window_days <= 30
    error_message = "recovery_window_days: expected 7 to 30."
  }
}

variable "replica_region" {
  description = "Region with a copy; null for none."
  type        = string
  default     = null
}

variable "data_key_arn" {
  description = "Key that secrets are encrypted with."
  type        = string
}
