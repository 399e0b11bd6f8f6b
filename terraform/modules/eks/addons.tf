resource "aws_eks_addon" "main" {
  for_each                    = var.addon_versions
  cluster_name                = aws_eks_cluster.main.name
  addon_name                  = each.key
  addon_version               = each.value
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  # The network's must be there before there are nodes, the others need nodes: EKS waits for the latter by itself.
  depends_on = [aws_eks_pod_identity_association.main]
}
