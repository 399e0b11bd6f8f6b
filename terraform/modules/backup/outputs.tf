output "vault_arn" {
  description = "Vault of the backups."
  value       = aws_backup_vault.main.arn
}

output "role_arn" {
  description = "Role of AWS Backup, for restores by hand."
  value       = aws_iam_role.backup.arn
}
