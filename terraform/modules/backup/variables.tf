variable "name" {
  description = "Prefix of every name, such as docuthinker-prod."
  type        = string
}

variable "account_id" {
  description = "Account that AWS Backup works for."
  type        = string
}

variable "database_arn" {
  description = "Database whose restore is tested."
  type        = string
}

variable "database_subnet_group" {
  description = "Subnet group that a restored database is put into."
  type        = string
}

variable "copy_to_vault_arn" {
  description = "Vault of the replica region that monthly backups are copied to; null for none."
  type        = string
  default     = null
}

variable "lock_changeable_days" {
  description = "Days until the lock cannot be taken off again; null leaves it to those who may administer backups."
  type        = number
  default     = null

  validation {
    condition     = var.lock_changeable_days == null || try(var.lock_changeable_days >= 3, false)
    error_message = "lock_changeable_days: expected 3 at least, or null."
  }
}

variable "topic_arn" {
  description = "Topic that hears of failed backups and of tested restores."
  type        = string
}

variable "data_key_arn" {
  description = "Key that backups are encrypted with."
  type        = string
}
