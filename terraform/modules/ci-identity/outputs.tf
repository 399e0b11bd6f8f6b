output "role_arns" {
  description = "Roles by CI system."
  value       = { for name, role in aws_iam_role.deliver : name => role.arn }
}
