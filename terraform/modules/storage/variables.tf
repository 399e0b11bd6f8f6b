variable "name" {
  description = "Prefix of every name, such as docuthinker-prod."
  type        = string
}

variable "account_id" {
  description = "Account; part of the buckets' names, which are worldwide."
  type        = string
}

variable "buckets" {
  description = "Buckets by name: after how many days objects end (null keeps them), and whether the replica region gets a copy."
  type = map(object({
    expire_days = optional(number)
    replicate   = optional(bool, true)
  }))

  validation {
    condition     = !contains(keys(var.buckets), "logs")
    error_message = "buckets: `logs` is the module's own."
  }
}

variable "replication" {
  description = "Where copies go, from the module dr; null for none."
  type = object({
    role_arn    = string
    kms_key_arn = string
    bucket_arns = map(string)
  })
  default = null
}

variable "log_retention_days" {
  description = "How long access logs are kept."
  type        = number
}

variable "data_key_arn" {
  description = "Key that objects are encrypted with."
  type        = string
}
