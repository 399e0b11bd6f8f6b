# What must outlive a region: backups of the database, buckets, images, and the keys to read them. docs/terraform.md says how to go there.
resource "aws_kms_key" "main" {
  provider                = aws.replica
  description             = "${var.name}: copies in ${var.replica_region}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "AccountThroughIam", Effect = "Allow", Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }, Action = "kms:*", Resource = "*" }]
  })
}

resource "aws_db_instance_automated_backups_replication" "main" {
  provider               = aws.replica
  source_db_instance_arn = var.database_arn
  kms_key_id             = aws_kms_key.main.arn
  retention_period       = var.backup_retention_days
}

resource "aws_backup_vault" "main" {
  provider      = aws.replica
  name          = "${var.name}-replica"
  kms_key_arn   = aws_kms_key.main.arn
  force_destroy = false
}

resource "aws_backup_vault_lock_configuration" "main" {
  provider           = aws.replica
  backup_vault_name  = aws_backup_vault.main.name
  min_retention_days = 7
  max_retention_days = 400
}

resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = var.replica_region
        registry_id = var.account_id
      }
      repository_filter {
        filter      = var.repository_prefix
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
