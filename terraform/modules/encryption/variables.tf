variable "name" {
  description = "Prefix of every name, such as docuthinker-prod."
  type        = string
}

variable "account_id" {
  description = "Account that everything lives in."
  type        = string
}

variable "region" {
  description = "Region that everything lives in."
  type        = string
}
