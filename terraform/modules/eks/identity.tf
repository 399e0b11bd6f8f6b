# Pods get rights by their ServiceAccount (EKS Pod Identity), people and CI by an access entry; nobody by a ConfigMap or a node.
resource "aws_eks_pod_identity_association" "main" {
  for_each        = var.pod_identities
  cluster_name    = aws_eks_cluster.main.name
  namespace       = each.value.namespace
  service_account = each.value.service_account
  role_arn        = aws_iam_role.pod[each.key].arn
}

resource "aws_iam_role" "pod" {
  for_each = var.pod_identities
  name     = "${var.cluster_name}-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = { StringEquals = { "aws:RequestTag/eks-cluster-name" = var.cluster_name } }
    }]
  })
}

resource "aws_iam_role_policy" "pod" {
  for_each = { for name, identity in var.pod_identities : name => identity.policy if identity.policy != null }
  name     = each.key
  role     = aws_iam_role.pod[each.key].id
  policy   = each.value
}

resource "aws_iam_role_policy_attachment" "pod" {
  for_each   = { for name, identity in var.pod_identities : name => identity.managed_policy_arn if identity.managed_policy_arn != null }
  role       = aws_iam_role.pod[each.key].name
  policy_arn = each.value
}

resource "aws_eks_access_entry" "main" {
  for_each      = var.access
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = each.value.principal_arn
}

resource "aws_eks_access_policy_association" "main" {
  for_each      = var.access
  cluster_name  = aws_eks_cluster.main.name
  principal_arn = aws_eks_access_entry.main[each.key].principal_arn
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/${each.value.policy}"

  access_scope {
    type       = length(each.value.namespaces) == 0 ? "cluster" : "namespace"
    namespaces = each.value.namespaces
  }
}
