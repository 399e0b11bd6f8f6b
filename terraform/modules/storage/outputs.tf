output "bucket_names" {
  description = "Buckets by name."
  value       = { for name, bucket in aws_s3_bucket.main : name => bucket.bucket }
}

output "log_bucket" {
  description = "Bucket of access logs and the audit trail."
  value       = aws_s3_bucket.main["logs"].bucket
}
