locals {
  # What pods may ask of AWS, by their ServiceAccount. The product's own pods ask nothing.
  pod_identities = {
    vpc-cni = {
      namespace          = "kube-system"
      service_account    = "aws-node"
      managed_policy_arn = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
    }
    ebs-csi = {
      namespace          = "kube-system"
      service_account    = "ebs-csi-controller-sa"
      managed_policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    }
    external-secrets = {
      namespace       = "external-secrets"
      service_account = "external-secrets"
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [
          { Effect = "Allow", Action = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], Resource = values(module.secrets.arns) },
          { Effect = "Allow", Action = "kms:Decrypt", Resource = module.encryption.data_key_arn },
        ]
      })
    }
    load-balancer-controller = {
      namespace       = "kube-system"
      service_account = "aws-load-balancer-controller"
      # The balancer is made here; the controller alone keeps its targets.
      policy = jsonencode({
        Version = "2012-10-17"
        Statement = [
          { Effect = "Allow", Action = ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"], Resource = module.edge.target_group_arn },
          { Effect = "Allow", Action = ["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth", "ec2:DescribeVpcs", "ec2:DescribeSecurityGroups", "ec2:DescribeInstances"], Resource = "*" },
        ]
      })
    }
  }

  # CI may deploy to the product's namespace; administrators are named, and may do all.
  access = merge(
    { for name, arn in module.ci_identity.role_arns : "ci-${name}" => { principal_arn = arn, policy = "AmazonEKSEditPolicy", namespaces = [local.namespace] } },
    { for arn in var.administrator_role_arns : "administrator-${element(split("/", arn), -1)}" => { principal_arn = arn, policy = "AmazonEKSClusterAdminPolicy", namespaces = [] } },
  )
}
