# The whole environment against a provider that is mocked: what terraform-check holds to the policies.
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
mock_provider "aws" {
  alias = "replica"
}

variables {
  redis_auth_token = "only-for-this-test-0123456789abcdef"
}

run "plan" {
  command = plan
}
