output "cluster_name" {
  description = "Name for `aws eks update-kubeconfig --name`."
  value       = module.eks.cluster_name
}

output "namespace" {
  description = "Namespace that delivery.yaml deploys to."
  value       = local.namespace
}

output "url" {
  description = "Where users reach the product."
  value       = module.edge.url
}

output "target_group_arn" {
  description = "What a TargetGroupBinding of the gateway names."
  value       = module.edge.target_group_arn
}

output "database_address" {
  description = "Host of the database, for the secret of the chart."
  value       = module.database.address
}

output "database_master_secret_arn" {
  description = "Where RDS keeps the administrator's password."
  value       = module.database.master_secret_arn
}

output "secret_names" {
  description = "Secrets that the chart asks for."
  value       = module.secrets.names
}

output "repository_names" {
  description = "Image repositories."
  value       = var.repositories
}

output "ci_role_arns" {
  description = "Roles of CI jobs."
  value       = module.ci_identity.role_arns
}

output "cidr" {
  description = "Addresses of the network."
  value       = var.cidr
}
