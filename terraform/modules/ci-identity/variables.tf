variable "name" {
  description = "Prefix of every name, such as docuthinker-prod."
  type        = string
}

variable "account_id" {
  description = "Account of the cluster."
  type        = string
}

variable "region" {
  description = "Region of the cluster."
  type        = string
}

variable "cluster_name" {
  description = "Cluster that jobs deploy to."
  type        = string
}

variable "repository_arns" {
  description = "Repositories that jobs push to."
  type        = list(string)
}

variable "systems" {
  description = "CI systems by name: who issues their tokens, for which audience, and which jobs (claim `sub`) may come."
  type = map(object({
    issuer   = string
    audience = string
    subjects = list(string)
  }))
  default = {}

  validation {
    condition     = alltrue([for system in var.systems : can(regex("^https://[^/].*[^/]$", system.issuer))])
    error_message = "systems: expected issuers as https://… without a slash at the end."
  }
  validation {
    condition     = alltrue(flatten([for system in var.systems : [for subject in system.subjects : !startswith(subject, "*")]]))
    error_message = "systems: expected subjects that name a project: with a star in front everybody's jobs would come in."
  }
  validation {
    condition     = alltrue([for system in var.systems : length(system.subjects) > 0])
    error_message = "systems: expected one subject at least for each system."
  }
}

variable "make_providers" {
  description = "Make the account's OIDC providers, of which it has one for each system."
  type        = bool
}
