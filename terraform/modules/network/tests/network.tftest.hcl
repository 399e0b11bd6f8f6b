mock_provider "aws" {}

variables {
  name               = "docuthinker-test"
  region             = "eu-central-1"
  cidr               = "10.30.0.0/16"
  availability_zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
  nat_per_zone       = true
  log_retention_days = 365
  logs_key_arn       = "arn:aws:kms:eu-central-1:111122223333:key/logs"
}

run "a_way_out_for_each_zone" {
  command = plan

  assert {
    condition     = length(aws_nat_gateway.main) == 3
    error_message = "expected a NAT gateway in each of the three zones"
  }
  assert {
    condition     = length(distinct([for subnet in concat(values(aws_subnet.private), values(aws_subnet.public)) : subnet.cidr_block])) == 6
    error_message = "expected six subnets that do not share addresses"
  }
  assert {
    condition     = aws_subnet.private["eu-central-1a"].cidr_block == "10.30.32.0/19" && aws_subnet.public["eu-central-1c"].cidr_block == "10.30.2.0/24"
    error_message = "expected private subnets of 19 bits beside public ones of 24"
  }
  assert {
    condition     = alltrue([for route in aws_route.nat : route.gateway_id == null])
    error_message = "a private subnet has a way to the internet gateway"
  }
}

run "one_way_out_for_all" {
  command = plan
  variables { nat_per_zone = false }

  assert {
    condition     = join(",", keys(aws_nat_gateway.main)) == "eu-central-1a" && length(aws_route.nat) == 3
    error_message = "expected one NAT gateway and a route to it from each zone"
  }
}

run "two_zones_are_refused" {
  command = plan
  variables { availability_zones = ["eu-central-1a", "eu-central-1b"] }
  expect_failures = [var.availability_zones]
}

run "a_network_of_another_size_is_refused" {
  command = plan
  variables { cidr = "10.30.0.0/24" }
  expect_failures = [var.cidr]
}
