variable "name" {
  description = "Prefix of every name, such as docuthinker-prod."
  type        = string
}

variable "region" {
  description = "Region that everything lives in."
  type        = string
}

variable "cidr" {
  description = "Addresses of the network; the chart's network policies name the same."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && endswith(var.cidr, "/16")
    error_message = "cidr: expected an IPv4 network with 16 bits, such as 10.30.0.0/16."
  }
}

variable "availability_zones" {
  description = "Zones that everything is spread over."
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) == 3 && length(distinct(var.availability_zones)) == 3
    error_message = "availability_zones: expected three different zones."
  }
}

variable "nat_per_zone" {
  description = "A NAT gateway in each zone instead of one for all."
  type        = bool
}

variable "interface_endpoints" {
  description = "AWS services that are reached inside the network."
  type        = list(string)
  default     = ["ecr.api", "ecr.dkr", "eks-auth", "kms", "logs", "secretsmanager", "sts"]
}

variable "log_retention_days" {
  description = "How long flow logs are kept."
  type        = number
}

variable "logs_key_arn" {
  description = "Key that logs are encrypted with."
  type        = string
}
