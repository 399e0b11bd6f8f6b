output "arns" {
  description = "Secrets by name."
  value       = { for name, secret in aws_secretsmanager_secret.main : name => secret.arn }
}

output "names" {
  description = "Names that the chart asks for."
  value       = [for secret in aws_secretsmanager_secret.main : secret.name]
}
