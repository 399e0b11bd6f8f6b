output "cluster_name" {
  description = "Name for `aws eks update-kubeconfig --name`."
  value       = aws_eks_cluster.main.name
}

output "cluster_endpoint" {
  description = "Address of the API server, inside the network."
  value       = aws_eks_cluster.main.endpoint
}

output "cluster_security_group_id" {
  description = "Group of control plane, nodes and pods."
  value       = aws_eks_cluster.main.vpc_config[0].cluster_security_group_id
}

output "node_role_arn" {
  description = "Role of the nodes."
  value       = aws_iam_role.node.arn
}
