mock_provider "aws" {}

variables {
  name                  = "docuthinker-test"
  account_id            = "111122223333"
  database_arn          = "arn:aws:rds:eu-central-1:111122223333:db:docuthinker-test"
  database_subnet_group = "docuthinker-test"
  topic_arn             = "arn:aws:sns:eu-central-1:111122223333:alerts"
  data_key_arn          = "arn:aws:kms:eu-central-1:111122223333:key/data"
}

run "daily_monthly_and_tried" {
  command = plan

  assert {
    condition     = toset([for rule in aws_backup_plan.main.rule : rule.rule_name]) == toset(["daily", "monthly"])
    error_message = "expected a daily and a monthly backup"
  }
  assert {
    condition     = aws_backup_restore_testing_plan.monthly.schedule_expression == "cron(0 6 2 * ? *)"
    error_message = "expected a restore every month"
  }
}

run "a_copy_elsewhere" {
  command = plan
  variables { copy_to_vault_arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:docuthinker-test" }

  assert {
    condition     = length(flatten([for rule in aws_backup_plan.main.rule : rule.copy_action])) == 1
    error_message = "expected the monthly backup to be copied to the replica region"
  }
}

run "a_lock_that_closes_at_once_is_refused" {
  command = plan
  variables { lock_changeable_days = 1 }
  expect_failures = [var.lock_changeable_days]
}
