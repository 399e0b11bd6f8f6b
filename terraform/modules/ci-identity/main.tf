# A CI job proves who it is by a token of its own system and gets an hour as a role. There is no key that could leak.
locals {
  systems = { for name, system in var.systems : name => merge(system, { host = trimprefix(system.issuer, "https://") }) }
}

resource "aws_iam_openid_connect_provider" "main" {
  for_each       = { for name, system in local.systems : name => system if var.make_providers }
  url            = each.value.issuer
  client_id_list = [each.value.audience]
}

resource "aws_iam_role" "deliver" {
  for_each             = local.systems
  name                 = "${var.name}-ci-${each.key}"
  description          = "Jobs of ${each.key} that push releases and deploy them"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "arn:aws:iam::${var.account_id}:oidc-provider/${each.value.host}" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "${each.value.host}:aud" = each.value.audience }
        StringLike   = { "${each.value.host}:sub" = each.value.subjects }
      }
    }]
  })
}

resource "aws_iam_role_policy" "deliver" {
  for_each = local.systems
  name     = "deliver"
  role     = aws_iam_role.deliver[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Login"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid    = "Images"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
        ]
        Resource = var.repository_arns
      },
      {
        Sid      = "Kubeconfig"
        Effect   = "Allow"
        Action   = "eks:DescribeCluster"
        Resource = "arn:aws:eks:${var.region}:${var.account_id}:cluster/${var.cluster_name}"
      },
    ]
  })
}
