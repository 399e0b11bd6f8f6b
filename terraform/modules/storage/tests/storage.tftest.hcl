mock_provider "aws" {}

variables {
  name               = "docuthinker-test"
  account_id         = "111122223333"
  buckets            = { uploads = {}, backups = { expire_days = 365 } }
  log_retention_days = 365
  data_key_arn       = "arn:aws:kms:eu-central-1:111122223333:key/data"
}

run "closed_encrypted_and_versioned" {
  command = plan

  assert {
    condition     = alltrue([for block in aws_s3_bucket_public_access_block.main : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets]) && length(aws_s3_bucket_public_access_block.main) == 3
    error_message = "every bucket must be closed to the public"
  }
  assert {
    condition     = length(aws_s3_bucket_versioning.main) == 3 && length(aws_s3_bucket_server_side_encryption_configuration.main) == 3
    error_message = "every bucket must be versioned and encrypted"
  }
}

run "what_has_an_end_ends" {
  command = plan

  assert {
    condition     = { for name, each in aws_s3_bucket_lifecycle_configuration.main : name => length(each.rule) } == { uploads = 2, backups = 3, logs = 3 }
    error_message = "expected an end of backups and logs, and none of uploads"
  }
}

run "the_log_bucket_is_not_to_be_replaced" {
  command = plan
  variables { buckets = { logs = {} } }
  expect_failures = [var.buckets]
}
