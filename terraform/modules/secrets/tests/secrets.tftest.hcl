mock_provider "aws" {}

variables {
  prefix                   = "docuthinker/test"
  account_id               = "111122223333"
  secrets                  = { postgresql = "url, host, database", redis = "url" }
  redis_address            = "redis.example.internal"
  redis_auth_token         = "only-for-this-test-0123456789abcdef"
  redis_auth_token_version = 1
  data_key_arn             = "arn:aws:kms:eu-central-1:111122223333:key/data"
}

run "names_of_the_chart_and_no_value_in_the_state" {
  command = plan

  assert {
    condition     = aws_secretsmanager_secret.main["postgresql"].name == "docuthinker/test/postgresql"
    error_message = "expected the name that ExternalSecrets ask for"
  }
  assert {
    condition     = aws_secretsmanager_secret_version.redis.secret_string == null
    error_message = "the password must not be in the state"
  }
}

run "gone_at_once_is_refused" {
  command = plan
  variables { recovery_window_days = 0 }
  expect_failures = [var.recovery_window_days]
}
