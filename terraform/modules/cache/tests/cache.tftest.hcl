mock_provider "aws" {}

variables {
  name                     = "docuthinker-test"
  node_type                = "cache.t4g.small"
  replicas                 = 2
  auth_token               = "only-for-this-test-0123456789abcdef"
  auth_token_version       = 1
  snapshot_retention_days  = 7
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-a", "subnet-b", "subnet-c"]
  client_security_group_id = "sg-1"
  log_retention_days       = 365
  data_key_arn             = "arn:aws:kms:eu-central-1:111122223333:key/data"
  logs_key_arn             = "arn:aws:kms:eu-central-1:111122223333:key/logs"
}

run "survives_a_zone" {
  command = plan

  assert {
    condition     = aws_elasticache_replication_group.main.num_cache_clusters == 3 && aws_elasticache_replication_group.main.multi_az_enabled && aws_elasticache_replication_group.main.automatic_failover_enabled
    error_message = "expected a copy in each zone, and one that takes over"
  }
  assert {
    condition     = aws_elasticache_replication_group.main.transit_encryption_mode == "required" && aws_elasticache_replication_group.main.at_rest_encryption_enabled
    error_message = "expected encryption on the disk and on the way"
  }
  assert {
    condition     = aws_elasticache_replication_group.main.auth_token == null
    error_message = "the password must not be in the state"
  }
}

run "one_node_has_nobody_to_take_over" {
  command = plan
  variables { replicas = 0 }

  assert {
    condition     = !aws_elasticache_replication_group.main.automatic_failover_enabled && !aws_elasticache_replication_group.main.multi_az_enabled
    error_message = "AWS refuses failover without a copy"
  }
}

run "a_short_password_is_refused" {
  command = plan
  variables { auth_token = "short" }
  expect_failures = [var.auth_token]
}
