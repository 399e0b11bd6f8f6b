mock_provider "aws" {}

variables {
  cluster_name        = "docuthinker-eks-test"
  kubernetes_version  = "1.34"
  subnet_ids          = ["subnet-a", "subnet-b", "subnet-c"]
  deletion_protection = true
  log_retention_days  = 365
  data_key_arn        = "arn:aws:kms:eu-central-1:111122223333:key/data"
  logs_key_arn        = "arn:aws:kms:eu-central-1:111122223333:key/logs"
  node_groups = {
    general = { instance_types = ["m7i.large"], min_size = 3, max_size = 6 }
    spot    = { instance_types = ["m7i.large", "m6i.large", "m7a.large"], min_size = 1, max_size = 6, spot = true }
  }
  addon_versions = {
    "vpc-cni"                = "v1.20.4-eksbuild.2"
    "kube-proxy"             = "v1.34.0-eksbuild.2"
    "coredns"                = "v1.12.3-eksbuild.1"
    "eks-pod-identity-agent" = "v1.3.9-eksbuild.3"
  }
  access = {
    deployer = { principal_arn = "arn:aws:iam::111122223333:role/deployer", policy = "AmazonEKSEditPolicy", namespaces = ["docuthinker-test"] }
  }
}

run "closed_and_recorded" {
  command = plan

  assert {
    condition     = !aws_eks_cluster.main.vpc_config[0].endpoint_public_access && aws_eks_cluster.main.vpc_config[0].endpoint_private_access
    error_message = "the API server must be reached from inside the network alone"
  }
  assert {
    condition     = length(aws_eks_cluster.main.enabled_cluster_log_types) == 5
    error_message = "expected all five logs of the control plane"
  }
  assert {
    condition     = alltrue([for template in aws_launch_template.node : template.metadata_options[0].http_tokens == "required" && template.metadata_options[0].http_put_response_hop_limit == 1])
    error_message = "pods must not reach the node's role"
  }
}

run "one_group_is_spot" {
  command = plan

  assert {
    condition     = aws_eks_node_group.main["spot"].capacity_type == "SPOT" && aws_eks_node_group.main["general"].capacity_type == "ON_DEMAND"
    error_message = "expected one group on spot and one that stays"
  }
}

run "the_deployer_has_one_namespace" {
  command = plan

  assert {
    condition     = aws_eks_access_policy_association.main["deployer"].access_scope[0].type == "namespace" && aws_eks_access_policy_association.main["deployer"].access_scope[0].namespaces == toset(["docuthinker-test"])
    error_message = "expected the deployer's rights to end at its namespace"
  }
}

run "spot_alone_is_refused" {
  command = plan
  variables {
    node_groups = { spot = { instance_types = ["m7i.large", "m6i.large", "m7a.large"], min_size = 1, max_size = 6, spot = true } }
  }
  expect_failures = [var.node_groups]
}

run "a_release_out_of_support_is_refused" {
  command = plan
  variables { kubernetes_version = "1.27" }
  expect_failures = [var.kubernetes_version]
}

run "an_addon_without_exact_version_is_refused" {
  command = plan
  variables {
    addon_versions = { "vpc-cni" = "latest", "kube-proxy" = "v1.34.0-eksbuild.2", "coredns" = "v1.12.3-eksbuild.1", "eks-pod-identity-agent" = "v1.3.9-eksbuild.3" }
  }
  expect_failures = [var.addon_versions]
}

run "the_internet_is_no_client" {
  command = plan
  variables { api_client_cidrs = ["0.0.0.0/0"] }
  expect_failures = [var.api_client_cidrs]
}
