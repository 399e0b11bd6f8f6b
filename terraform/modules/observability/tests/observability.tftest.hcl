mock_provider "aws" {}

variables {
  name                 = "docuthinker-test"
  environment          = "test"
  account_id           = "111122223333"
  account_wide         = true
  alert_emails         = ["ops@example.org"]
  monthly_budget_usd   = 500
  load_balancer_suffix = "app/docuthinker-test/0"
  database_identifier  = "docuthinker-test"
  cache_id             = "docuthinker-test"
  log_bucket           = "docuthinker-test-111122223333-logs"
  log_retention_days   = 365
  logs_key_arn         = "arn:aws:kms:eu-central-1:111122223333:key/logs"
}

run "seven_alarms_that_somebody_hears" {
  command = plan

  assert {
    condition     = length(output.alarm_names) == 7 && length(aws_sns_topic_subscription.email) == 1
    error_message = "expected seven alarms and a listener"
  }
  assert {
    condition     = one(aws_budgets_budget.monthly.cost_filter).values == tolist(["user:Environment$test"])
    error_message = "the budget must count this environment's cost alone"
  }
}

run "an_account_has_one_trail" {
  command = plan
  variables { account_wide = false }

  assert {
    condition     = length(aws_cloudtrail.main) == 0 && length(aws_guardduty_detector.main) == 0
    error_message = "expected trail and detector in one environment of the account alone"
  }
}

run "alarms_that_nobody_hears_are_refused" {
  command = plan
  variables { alert_emails = [] }
  expect_failures = [var.alert_emails]
}

run "a_budget_of_nothing_is_refused" {
  command = plan
  variables { monthly_budget_usd = 0 }
  expect_failures = [var.monthly_budget_usd]
}
