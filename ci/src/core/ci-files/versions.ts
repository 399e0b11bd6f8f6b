/** What the files of the CI systems name; pins.yaml has the same, a test compares. */
export const CI_IMAGES = {
  dockerCli: "docker:29.7.2-cli",
  dockerEngine: "docker:29.7.2-dind",
  circleciMachine: "ubuntu-2404:2025.09.1",
  githubRunner: "ubuntu-24.04",
} as const

/** Actions by commit: a tag of theirs can be moved by whoever gets hold of it. */
export const CI_ACTIONS = {
  checkout: ["actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd", "v6.0.2"],
  uploadArtifact: ["actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02", "v4.6.2"],
  downloadArtifact: ["actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093", "v4.3.0"],
  uploadSarif: ["github/codeql-action/upload-sarif@b20883b0cd1f46c72ae0ba6d1090936928f9fa30", "v4.32.0"],
} as const
export type CiAction = keyof typeof CI_ACTIONS
