locals {
  # Logs stand apart: AWS itself writes them, and whoever empties a bucket of data must not empty its log too.
  logs    = "${var.name}-${var.account_id}-logs"
  buckets = { for name, bucket in var.buckets : name => merge(bucket, { id = "${var.name}-${var.account_id}-${name}" }) }
  all     = merge({ for name, bucket in local.buckets : name => bucket.id }, { logs = local.logs })
}

resource "aws_s3_bucket" "main" {
  for_each      = local.all
  bucket        = each.value
  force_destroy = false
  tags          = { Name = each.value, Backup = each.key == "logs" ? "none" : "daily" }
}

resource "aws_s3_bucket_public_access_block" "main" {
  for_each                = aws_s3_bucket.main
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "main" {
  for_each = aws_s3_bucket.main
  bucket   = each.value.id
  rule {
    # CloudFront delivers its logs with an ACL.
    object_ownership = each.key == "logs" ? "BucketOwnerPreferred" : "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "main" {
  for_each = aws_s3_bucket.main
  bucket   = each.value.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "main" {
  for_each = aws_s3_bucket.main
  bucket   = each.value.id
  rule {
    bucket_key_enabled = each.key != "logs"
    apply_server_side_encryption_by_default {
      # What load balancer and S3 log can be encrypted with S3's own key alone.
      sse_algorithm     = each.key == "logs" ? "AES256" : "aws:kms"
      kms_master_key_id = each.key == "logs" ? null : var.data_key_arn
    }
  }
}

resource "aws_s3_bucket_logging" "main" {
  for_each      = local.buckets
  bucket        = aws_s3_bucket.main[each.key].id
  target_bucket = aws_s3_bucket.main["logs"].id
  target_prefix = "s3/${each.key}/"
}

resource "aws_s3_bucket_lifecycle_configuration" "main" {
  for_each = aws_s3_bucket.main
  bucket   = each.value.id

  rule {
    id     = "old-versions-and-unfinished-uploads"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "colder"
    status = "Enabled"
    filter {}
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    transition {
      days          = 90
      storage_class = "GLACIER_IR"
    }
  }

  dynamic "rule" {
    for_each = each.key == "logs" ? [var.log_retention_days] : [for days in [local.buckets[each.key].expire_days] : days if days != null]
    content {
      id     = "expire"
      status = "Enabled"
      filter {}
      expiration {
        days = rule.value
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.main]
}

resource "aws_s3_bucket_policy" "main" {
  for_each   = aws_s3_bucket.main
  bucket     = each.value.id
  policy     = jsonencode({ Version = "2012-10-17", Statement = concat(local.tls_statements[each.key], [for statement in local.log_statements : statement if each.key == "logs"]) })
  depends_on = [aws_s3_bucket_public_access_block.main]
}

locals {
  tls_statements = { for name, id in local.all : name => [{
    Sid       = "TlsAlone"
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:*"
    Resource  = ["arn:aws:s3:::${id}", "arn:aws:s3:::${id}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }] }
  log_statements = [
    {
      Sid       = "AccessLogs"
      Effect    = "Allow"
      Principal = { Service = ["logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com", "delivery.logs.amazonaws.com"] }
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::${local.logs}/*"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    },
    {
      Sid       = "Trail"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = ["s3:PutObject", "s3:GetBucketAcl"]
      Resource  = ["arn:aws:s3:::${local.logs}", "arn:aws:s3:::${local.logs}/cloudtrail/*"]
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    },
  ]
}

resource "aws_s3_bucket_replication_configuration" "main" {
  for_each = var.replication == null ? {} : { for name, bucket in local.buckets : name => bucket if bucket.replicate }
  bucket   = aws_s3_bucket.main[each.key].id
  role     = var.replication.role_arn

  rule {
    id     = "to-the-replica-region"
    status = "Enabled"
    filter {}
    delete_marker_replication {
      status = "Disabled"
    }
    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }
    destination {
      bucket        = var.replication.bucket_arns[each.key]
      storage_class = "STANDARD_IA"
      encryption_configuration {
        replica_kms_key_id = var.replication.kms_key_arn
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.main]
}
