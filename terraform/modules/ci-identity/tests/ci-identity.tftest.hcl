mock_provider "aws" {}

variables {
  name            = "docuthinker-test"
  account_id      = "111122223333"
  region          = "eu-central-1"
  cluster_name    = "docuthinker-eks-test"
  make_providers  = true
  repository_arns = ["arn:aws:ecr:eu-central-1:111122223333:repository/docuthinker"]
  systems = {
    gitlab  = { issuer = "https://gitlab.com", audience = "https://gitlab.com", subjects = ["project_path:docuthinker/docuthinker:ref_type:branch:ref:main"] }
    jenkins = { issuer = "https://jenkins.example.org/oidc", audience = "sts.amazonaws.com", subjects = ["https://jenkins.example.org/job/docuthinker/job/main/"] }
  }
}

run "an_hour_each_and_no_keys" {
  command = plan

  assert {
    condition     = length(aws_iam_role.deliver) == 2 && alltrue([for role in aws_iam_role.deliver : role.max_session_duration == 3600])
    error_message = "expected a role of an hour for each system"
  }
}

run "everybody_s_jobs_are_refused" {
  command = plan
  variables {
    systems = { gitlab = { issuer = "https://gitlab.com", audience = "https://gitlab.com", subjects = ["*"] } }
  }
  expect_failures = [var.systems]
}

run "an_issuer_without_tls_is_refused" {
  command = plan
  variables {
    systems = { jenkins = { issuer = "http://jenkins.example.org", audience = "sts.amazonaws.com", subjects = ["job:main"] } }
  }
  expect_failures = [var.systems]
}
