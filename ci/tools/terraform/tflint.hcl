# For a repository that has no .tflint.hcl of its own.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
