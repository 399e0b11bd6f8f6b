variable "repositories" {
  description = "Names of the repositories: the product's own for release.json, and one for each image."
  type        = list(string)

  validation {
    condition     = length(var.repositories) > 0
    error_message = "repositories: expected one at least."
  }
}

variable "data_key_arn" {
  description = "Key that images are encrypted with."
  type        = string
}
