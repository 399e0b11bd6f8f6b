import { describe, expect, it } from "vitest"
import { parseImageName } from "../../../src/core/pins/image-name.js"
import { moduleFiles, referencesIn } from "../../../src/core/pins/references.js"

const DIGEST = `sha256:${"b".repeat(64)}`
const found = (file: string, text: string): string[] => referencesIn(file, text).map(({ kind, text: reference, line }) => `${line} ${kind} ${reference}`)

describe("what a file gets from elsewhere", () => {
  it.each([
    [
      "a Dockerfile: bases, frontends, copies, mounts and defaults of arguments",
      "apps/api/Dockerfile",
      `# syntax=docker/dockerfile:1.7\nARG NODE_IMAGE=node:24-bookworm-slim\nFROM \${NODE_IMAGE} AS build\nFROM --platform=linux/amd64 golang:1.25 AS go\nCOPY --from=build /a /a\nCOPY --chown=1 --from=busybox:1.37@${DIGEST} /b /b\nRUN --mount=type=bind,from=alpine:3.22,target=/x \\\n  true\nFROM go\nFROM scratch\nCOPY --from=0 /c /c\n`,
      ["1 image docker/dockerfile:1.7", "2 image node:24-bookworm-slim", "4 image golang:1.25", `6 image busybox:1.37@${DIGEST}`, "7 image alpine:3.22"],
    ],
    [
      "Kubernetes, with templates and several documents",
      "charts/x/templates/all.yaml",
      'spec:\n  containers:\n    - name: a\n      image: "nginx:1.29" # a comment\n    - image: {{ .Values.image }}\n---\nimage: \'quay.io/x/y:1\'\nimagePullPolicy: Always\n',
      ["4 image nginx:1.29", "7 image quay.io/x/y:1"],
    ],
    [
      "values of a chart, in parts",
      "charts/x/values.yaml",
      `web:\n  image:\n    registry: ghcr.io\n    repository: a/web\n    tag: "1.2"\n    pullPolicy: Always\ndb:\n  image:\n    repository: postgres\n    tag: 15-bookworm\n    digest: ${DIGEST}\n`,
      ["2 image ghcr.io/a/web:1.2", `8 image postgres:15-bookworm@${DIGEST}`],
    ],
    [
      "GitLab: images and services, short and long",
      ".gitlab-ci.yml",
      "test:\n  image: node:24\n  services:\n    - postgres:15\n    - name: docker:29-dind\n      alias: docker\nbuild:\n  image:\n    name: alpine:3\n    entrypoint: ['']\n  services:\n  - redis:7\n  script:\n    - echo image\n",
      ["2 image node:24", "4 image postgres:15", "5 image docker:29-dind", "8 image alpine:3", "12 image redis:7"],
    ],
    ["CircleCI: executors, but no machines", ".circleci/config.yml", "jobs:\n  a:\n    machine:\n      image: ubuntu-2404:2025.09.1\n  b:\n    docker:\n      - image: cimg/node:24.1\n", ["7 image cimg/node:24.1"]],
    ["GitHub: actions, containers, own actions left out", ".github/workflows/ci.yml", "jobs:\n  a:\n    container: node:24\n    steps:\n      - uses: actions/checkout@v5\n      - uses: ./own\n      - uses: docker://alpine:3\n", ["3 image node:24", "5 action actions/checkout@v5", "7 image alpine:3"]],
    ["dependencies of a chart", "charts/x/Chart.yaml", "name: x\ndependencies:\n  - name: redis\n    version: 19.0.1\n    repository: https://charts.example/stable/\n  - repository: file://../y\n    name: y\n", ["5 chart https://charts.example/stable/redis:19.0.1"]],
    ["a Jenkinsfile", "Jenkinsfile", "agent { docker { image 'node:24' } }\ndocker.image(\"alpine:3\").inside {}\n", ["1 image node:24", "2 image alpine:3"]],
    ["a Dagger module, but nothing else that is made from something", "ci/src/index.ts", 'dag.container().from("alpine:3")\n  dag\n.container({ platform }).from(`busybox:1`)\nArray.from("a:b"); Buffer.from("x"); dag.container().from(`${a}:b`)\n', ["1 image alpine:3", "3 image busybox:1"]],
  ])("%s", (_, file, text, expected) => {
    expect(found(file, text)).toEqual(expected)
  })
})

it("looks for the code of a Dagger module where its dagger.json says", () => {
  expect(moduleFiles("dagger.json", '{"source": "ci"}')).toBe("ci/src/**/*.ts")
  expect(moduleFiles("tools/dagger.json", "{}")).toBe("tools/src/**/*.ts")
})

describe("the name of an image", () => {
  it.each([
    ["node", "docker.io/library/node", null, null],
    ["docker.io/library/node:24", "docker.io/library/node", "24", null],
    ["index.docker.io/grafana/k6", "docker.io/grafana/k6", null, null],
    ["registry.example:5000/a/b:1", "registry.example:5000/a/b", "1", null],
    ["localhost/a", "localhost/a", null, null],
    [`ghcr.io/a/b:1@${DIGEST}`, "ghcr.io/a/b", "1", DIGEST],
  ])("%s", (text, key, tag, digest) => {
    const name = parseImageName(text)
    expect([`${name?.registry}/${name?.repository}`, name?.tag, name?.digest]).toEqual([key, tag, digest])
  })

  it.each(["", "a b", "${X}:1", "a:", "a@sha256:1"])("is not %j", (text) => {
    expect(parseImageName(text)).toBeNull()
  })
})
