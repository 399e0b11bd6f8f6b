output "data_key_arn" {
  description = "Key of databases, buckets, secrets, images and disks."
  value       = aws_kms_key.data.arn
}

output "logs_key_arn" {
  description = "Key of log groups, audit trail and alarms."
  value       = aws_kms_key.logs.arn
}
