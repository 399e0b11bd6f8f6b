output "repository_arns" {
  description = "Repositories, for the roles that push."
  value       = [for repository in aws_ecr_repository.main : repository.arn]
}

output "repository_names" {
  description = "Names of the repositories."
  value       = [for repository in aws_ecr_repository.main : repository.name]
}
