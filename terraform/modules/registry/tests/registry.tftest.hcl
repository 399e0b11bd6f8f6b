mock_provider "aws" {}

variables {
  repositories = ["docuthinker", "docuthinker/backend"]
  data_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/data"
}

run "tags_stay_and_pushes_are_scanned" {
  command = plan

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.main : repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push])
    error_message = "expected tags that do not move and a scan of every push"
  }
  assert {
    condition     = alltrue(flatten([for policy in aws_ecr_lifecycle_policy.main : [for rule in jsondecode(policy.policy).rules : rule.selection.tagPatternList == ["plan-*"]]]))
    error_message = "nothing but old plans may end: signatures are untagged"
  }
}

run "no_repository_is_refused" {
  command = plan
  variables { repositories = [] }
  expect_failures = [var.repositories]
}
