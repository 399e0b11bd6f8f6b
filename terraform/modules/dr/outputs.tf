output "vault_arn" {
  description = "Vault of the copied backups."
  value       = aws_backup_vault.main.arn
}

output "replication" {
  description = "What the module storage needs to copy its buckets."
  value = {
    role_arn    = aws_iam_role.replication.arn
    kms_key_arn = aws_kms_key.main.arn
    bucket_arns = { for name, bucket in aws_s3_bucket.main : name => bucket.arn }
  }
  # S3 copies to a bucket with versions alone.
  depends_on = [aws_s3_bucket_versioning.main]
}
