variable "name" {
  description = "Name of the instance, such as docuthinker-prod."
  type        = string
}

variable "engine_version" {
  description = "Release of PostgreSQL; its major one is that of the tests."
  type        = string
  default     = "15.14"

  validation {
    condition     = can(regex("^1[5-8]\\.[0-9]+$", var.engine_version))
    error_message = "engine_version: expected a minor release of PostgreSQL 15 to 18, such as 15.14."
  }
}

variable "instance_class" {
  description = "Size of the instance, such as db.t4g.medium."
  type        = string

  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "instance_class: expected a class of RDS, such as db.t4g.medium."
  }
}

variable "database_name" {
  description = "Name of the database."
  type        = string
}

variable "storage_gib" {
  description = "Storage at first; it grows up to five times that."
  type        = number

  validation {
    condition     = var.storage_gib >= 20 && var.storage_gib <= 13000
    error_message = "storage_gib: expected 20 to 13000."
  }
}

variable "multi_az" {
  description = "A standby in another zone that takes over."
  type        = bool
}

variable "backup_retention_days" {
  description = "How far back the database can be restored to any second."
  type        = number

  validation {
    condition     = var.backup_retention_days >= 7 && var.backup_retention_days <= 35
    error_message = "backup_retention_days: expected 7 to 35."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the database."
  type        = bool
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
  description = "Key that storage, password and statistics are encrypted with."
  type        = string
}

variable "logs_key_arn" {
  description = "Key that logs are encrypted with."
  type        = string
}
