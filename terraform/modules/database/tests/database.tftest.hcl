mock_provider "aws" {}

variables {
  name                     = "docuthinker-test"
  instance_class           = "db.t4g.medium"
  database_name            = "docuthinker"
  storage_gib              = 50
  multi_az                 = true
  backup_retention_days    = 30
  deletion_protection      = true
  vpc_id                   = "vpc-1"
  subnet_ids               = ["subnet-a", "subnet-b", "subnet-c"]
  client_security_group_id = "sg-1"
  log_retention_days       = 365
  data_key_arn             = "arn:aws:kms:eu-central-1:111122223333:key/data"
  logs_key_arn             = "arn:aws:kms:eu-central-1:111122223333:key/logs"
}

run "two_zones_encrypted_and_without_a_password_here" {
  command = plan

  assert {
    condition     = aws_db_instance.main.multi_az && aws_db_instance.main.storage_encrypted && !aws_db_instance.main.publicly_accessible
    error_message = "expected a standby, encryption and no public address"
  }
  assert {
    condition     = aws_db_instance.main.manage_master_user_password && aws_db_instance.main.password == null
    error_message = "the password must be RDS's own"
  }
  assert {
    condition     = contains([for parameter in aws_db_parameter_group.main.parameter : "${parameter.name}=${parameter.value}"], "rds.force_ssl=1")
    error_message = "expected TLS alone"
  }
  assert {
    condition     = aws_vpc_security_group_ingress_rule.clients.referenced_security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.clients.cidr_ipv4 == null
    error_message = "expected the cluster's pods as the only clients"
  }
}

run "too_little_storage_is_refused" {
  command = plan
  variables { storage_gib = 5 }
  expect_failures = [var.storage_gib]
}

run "a_week_of_backups_at_least" {
  command = plan
  variables { backup_retention_days = 1 }
  expect_failures = [var.backup_retention_days]
}

run "no_other_engine" {
  command = plan
  variables { engine_version = "9.6.24" }
  expect_failures = [var.engine_version]
}
