mock_provider "aws" {}
mock_provider "aws" {
  alias = "replica"
}

variables {
  name                  = "docuthinker-test"
  account_id            = "111122223333"
  region                = "eu-central-1"
  replica_region        = "eu-west-1"
  buckets               = ["backups", "uploads"]
  repository_prefix     = "docuthinker"
  database_arn          = "arn:aws:rds:eu-central-1:111122223333:db:docuthinker-test"
  backup_retention_days = 14
  data_key_arn          = "arn:aws:kms:eu-central-1:111122223333:key/data"
}

run "database_buckets_and_images_are_copied" {
  command = plan

  assert {
    condition     = aws_db_instance_automated_backups_replication.main.retention_period == 14 && length(aws_s3_bucket.main) == 2
    error_message = "expected copies of the database's backups and of both buckets"
  }
  assert {
    condition     = aws_ecr_replication_configuration.main.replication_configuration[0].rule[0].destination[0].region == "eu-west-1"
    error_message = "expected images to be copied to the replica region"
  }
}

run "the_same_region_is_refused" {
  command = plan
  variables { replica_region = "eu-central-1" }
  expect_failures = [var.replica_region]
}
