mock_provider "aws" {
  mock_resource "aws_acm_certificate" {
    defaults = { domain_validation_options = [{ domain_name = "x", resource_record_name = "_x", resource_record_type = "CNAME", resource_record_value = "y" }] }
  }
}
mock_provider "aws" {
  alias = "us_east_1"
  mock_resource "aws_acm_certificate" {
    defaults = { domain_validation_options = [{ domain_name = "x", resource_record_name = "_x", resource_record_type = "CNAME", resource_record_value = "y" }] }
  }
}

variables {
  name                      = "docuthinker-test"
  account_id                = "111122223333"
  domain                    = "test.docuthinker.example.org"
  zone_id                   = "Z0"
  vpc_id                    = "vpc-1"
  subnet_ids                = ["subnet-a", "subnet-b", "subnet-c"]
  cluster_security_group_id = "sg-1"
  deletion_protection       = true
  log_bucket                = "docuthinker-test-111122223333-logs"
  log_retention_days        = 365
}

run "tls_from_end_to_end_and_nothing_public_behind" {
  command = plan

  assert {
    condition     = aws_lb.main.internal && aws_cloudfront_vpc_origin.main.vpc_origin_endpoint_config[0].origin_protocol_policy == "https-only"
    error_message = "the load balancer must be inside the network, and be asked by TLS"
  }
  assert {
    condition     = aws_cloudfront_distribution.main.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && aws_cloudfront_distribution.main.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    error_message = "expected TLS 1.2 or later"
  }
}

run "a_rate_limit_and_the_managed_rules" {
  command = plan

  assert {
    condition     = length(aws_wafv2_web_acl.main.rule) == 5 && anytrue([for rule in aws_wafv2_web_acl.main.rule : length(rule.statement[0].rate_based_statement) == 1])
    error_message = "expected the rate limit and four managed groups"
  }
}

run "a_name_that_is_none_is_refused" {
  command = plan
  variables { domain = "docuthinker" }
  expect_failures = [var.domain]
}

run "a_limit_below_that_of_aws_is_refused" {
  command = plan
  variables { requests_per_five_minutes = 5 }
  expect_failures = [var.requests_per_five_minutes]
}
