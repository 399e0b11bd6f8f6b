variable "name" {
  description = "Prefix of every name, such as docuthinker-prod."
  type        = string
}

variable "account_id" {
  description = "Account that everything lives in."
  type        = string
}

variable "region" {
  description = "Region that the product runs in."
  type        = string
}

variable "replica_region" {
  description = "Region of the copies."
  type        = string

  validation {
    condition     = var.replica_region != var.region
    error_message = "replica_region: expected another region than the product's."
  }
}

variable "buckets" {
  description = "Names of the buckets that are copied."
  type        = list(string)
}

variable "repository_prefix" {
  description = "What the names of the copied image repositories begin with."
  type        = string
}

variable "database_arn" {
  description = "Database whose backups are copied."
  type        = string
}

variable "backup_retention_days" {
  description = "How far back the copy of the database can be restored to any second."
  type        = number
}

variable "data_key_arn" {
  description = "Key that the originals are encrypted with."
  type        = string
}
