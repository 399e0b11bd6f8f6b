output "cluster_name" {
  description = "Name for `aws eks update-kubeconfig --name`."
  value       = module.product.cluster_name
}

output "namespace" {
  description = "Namespace that delivery.yaml deploys to."
  value       = module.product.namespace
}

output "url" {
  description = "Where users reach the product."
  value       = module.product.url
}

output "target_group_arn" {
  description = "What a TargetGroupBinding of the gateway names."
  value       = module.product.target_group_arn
}

output "database_address" {
  description = "Host of the database, for the secret of the chart."
  value       = module.product.database_address
}

output "database_master_secret_arn" {
  description = "Where RDS keeps the administrator's password."
  value       = module.product.database_master_secret_arn
}

output "secret_names" {
  description = "Secrets that the chart asks for."
  value       = module.product.secret_names
}

output "repository_names" {
  description = "Image repositories."
  value       = module.product.repository_names
}

output "ci_role_arns" {
  description = "Roles of CI jobs."
  value       = module.product.ci_role_arns
}

output "cidr" {
  description = "Addresses of the network."
  value       = module.product.cidr
}
