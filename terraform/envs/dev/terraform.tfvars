# Everything in which dev is not like the others. Account, domain and zone are examples: put yours here.
environment       = "dev"
environment_short = "dev"
critical          = false
account_id        = "111122223333"
account_wide      = false

region             = "eu-central-1"
availability_zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
replica_region     = "eu-west-1"
cidr               = "10.10.0.0/16"
api_client_cidrs   = ["10.0.0.0/16"]
domain             = "dev.docuthinker.example.org"
zone_id            = "Z00000000000000000000"

node_groups = {
  general = { instance_types = ["m7i.large"], min_size = 2, max_size = 4 }
  # Half of the price, and gone with two minutes' notice: for what there are several of.
  spot = { instance_types = ["m7i.large", "m6i.large", "m7a.large", "m6a.large"], min_size = 1, max_size = 4, spot = true }
}
database_class       = "db.t4g.medium"
database_storage_gib = 20
cache_type           = "cache.t4g.small"
monthly_budget_usd   = 600
log_retention_days   = 30

# Not checked against AWS here: `aws eks describe-addon-versions --kubernetes-version 1.34` lists what there is.
kubernetes_version = "1.34"
addon_versions = {
  "vpc-cni"                = "v1.20.4-eksbuild.2"
  "kube-proxy"             = "v1.34.0-eksbuild.2"
  "coredns"                = "v1.12.3-eksbuild.1"
  "eks-pod-identity-agent" = "v1.3.9-eksbuild.3"
  "aws-ebs-csi-driver"     = "v1.51.0-eksbuild.1"
  "metrics-server"         = "v0.8.0-eksbuild.2"
}

# Examples: the jobs of this repository's main branch.
ci_systems = {
  gitlab   = { issuer = "https://gitlab.com", audience = "https://gitlab.com", subjects = ["project_path:docuthinker-example/docuthinker:ref_type:branch:ref:main"] }
  circleci = { issuer = "https://oidc.circleci.com/org/00000000-0000-4000-8000-000000000000", audience = "00000000-0000-4000-8000-000000000000", subjects = ["org/00000000-0000-4000-8000-000000000000/project/00000000-0000-4000-8000-000000000001/*"] }
  jenkins  = { issuer = "https://jenkins.docuthinker.example.org/oidc", audience = "sts.amazonaws.com", subjects = ["https://jenkins.docuthinker.example.org/job/docuthinker/job/main/"] }
}
alert_emails = ["ops@docuthinker.example.org"]
