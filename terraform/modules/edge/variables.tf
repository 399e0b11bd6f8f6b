variable "name" {
  description = "Prefix of every name, such as docuthinker-prod."
  type        = string
}

variable "account_id" {
  description = "Account that everything lives in."
  type        = string
}

variable "domain" {
  description = "Name that users type."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain: expected a host name, such as docuthinker.example.org."
  }
}

variable "zone_id" {
  description = "Hosted zone of Route 53 that the domain is in."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of the load balancer."
  type        = list(string)
}

variable "cluster_security_group_id" {
  description = "Group of the gateway's pods."
  type        = string
}

variable "gateway_port" {
  description = "Port that the gateway's pods listen on."
  type        = number
  default     = 8000
}

variable "health_path" {
  description = "Path that answers 200 while requests may be sent."
  type        = string
  default     = "/"
}

variable "requests_per_five_minutes" {
  description = "What one address may ask for before it is blocked."
  type        = number
  default     = 2000

  validation {
    condition     = var.requests_per_five_minutes >= 100 && var.requests_per_five_minutes <= 2000000
    error_message = "requests_per_five_minutes: expected 100 to 2000000."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the load balancer."
  type        = bool
}

variable "log_bucket" {
  description = "Bucket of access logs."
  type        = string
}

variable "log_retention_days" {
  description = "How long the firewall's logs are kept."
  type        = number
}
