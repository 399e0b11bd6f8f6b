terraform {
  # Bucket and key are made once, by hand, before the first init (docs/terraform.md).
  backend "s3" {
    bucket       = "docuthinker-terraform-state"
    key          = "staging/terraform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
  }
}
