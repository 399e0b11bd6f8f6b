variable "name" {
  description = "Prefix of every name, such as docuthinker-prod."
  type        = string
}

variable "environment" {
  description = "Environment whose cost the budget counts, by its tag."
  type        = string
}

variable "account_id" {
  description = "Account whose services may raise alarms."
  type        = string
}

variable "account_wide" {
  description = "Make what an account has once: audit trail, threat detection, image repositories, OIDC providers. True for one environment of an account."
  type        = bool
}

variable "alert_emails" {
  description = "Who hears of alarms."
  type        = list(string)

  validation {
    condition     = length(var.alert_emails) > 0 && alltrue([for address in var.alert_emails : can(regex("^[^@\\s]+@[^@\\s]+$", address))])
    error_message = "alert_emails: expected one address at least: an alarm that nobody hears is none."
  }
}

variable "monthly_budget_usd" {
  description = "Cost in a month from which on somebody is told, at 80 % of it and when it will be passed."
  type        = number

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd: expected more than 0."
  }
}

variable "load_balancer_suffix" {
  description = "The load balancer as its metrics name it."
  type        = string
}

variable "database_identifier" {
  description = "Name of the database."
  type        = string
}

variable "cache_id" {
  description = "Name of the cache."
  type        = string
}

variable "log_bucket" {
  description = "Bucket of the audit trail."
  type        = string
}

variable "log_retention_days" {
  description = "How long the audit trail can be searched."
  type        = number
}

variable "logs_key_arn" {
  description = "Key of the trail and of alarms."
  type        = string
}
