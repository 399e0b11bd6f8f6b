import { describe, expect, it } from 'vitest'
import { buildOrder, folderOf, fullName, loadRecipe, makeRecipe } from '../lib/recipe.mjs'
import { checkBuilds, checkImages } from '../lib/recipe-check.mjs'

const builds = {
  tool: { programs: [{ package: 'example.org/tool', output: 'tool' }] },
  other: { programs: [{ package: 'example.org/other', output: 'other' }] },
}
const images = {
  'base:1': { base: 'scratch', suite: 'bookworm', debian: ['ca-certificates'] },
  'tool:1': { base: 'base:1', go: { tool: '/usr/bin/tool' } },
  'web:1': { base: 'base:1', files: { web: '/etc/web' } },
  'alone:1': { base: 'scratch', go: { other: '/other' } },
}
type Changes = { images?: object; builds?: object; goTree?: (folder: string) => unknown; fileTree?: (source: string) => unknown }
const recipe = (changes: Changes = {}) => makeRecipe({ builds, images, rootDir: '/', goTree: () => [], fileTree: () => [], ...changes })
const changed = (changes: Changes) => Object.keys(images).filter((name) => recipe(changes).imageKey(name) !== recipe().imageKey(name))

describe('keys', () => {
  it('change with an image and all that is based on it, nothing else', () => {
    expect(changed({ images: { ...images, 'base:1': { ...images['base:1'], debian: ['ca-certificates', 'git'] } } })).toEqual(['base:1', 'tool:1', 'web:1'])
  })
  it('change with the sources of a Go module in the images that hold its program', () => {
    expect(changed({ goTree: (folder) => (folder === 'tool' ? ['other sources'] : []) })).toEqual(['tool:1'])
  })
  it('change with the flags of a build', () => {
    expect(changed({ builds: { ...builds, other: { ...builds.other, ldflags: '-X version=2' } } })).toEqual(['alone:1'])
  })
  it('change with the files that an image copies', () => {
    expect(changed({ fileTree: () => ['another file'] })).toEqual(['web:1'])
  })
  it('stay when only the order of the keys in the file changes', () => {
    expect(changed({ images: { ...images, 'base:1': { debian: ['ca-certificates'], suite: 'bookworm', base: 'scratch' } } })).toEqual([])
  })
})

describe('the key of an artifact', () => {
  const artifact = { program: 'other', from: 'advisories' }
  const key = (changes: Changes) => recipe({ ...changes, images: { 'db:1': { base: 'scratch', artifact } } }).imageKey('db:1')
  it('changes with its program and with what that reads', () => {
    const keys = [key({}), key({ goTree: (folder) => [folder] }), key({ fileTree: (source) => [source] })]
    expect(new Set(keys).size).toBe(3)
  })
})

describe('order', () => {
  it('puts each image after its base, once', () => {
    expect(buildOrder(images, ['web:1', 'tool:1'])).toEqual(['base:1', 'web:1', 'tool:1'])
  })
  it('names the known images when one is unknown', () => {
    expect(() => buildOrder(images, ['nothing:1'])).toThrow('no image "nothing:1"; it has base:1, tool:1')
  })
  it('finds the module of a program', () => {
    expect(folderOf(builds, 'other')).toBe('other')
    expect(() => folderOf(builds, 'none')).toThrow('no module builds "none"; it has tool, other')
  })
})

describe('names', () => {
  it.each([
    ['node:24-bookworm-slim', 'docker.io/library/node:24-bookworm-slim'],
    ['alpine/helm:4.3.1', 'docker.io/alpine/helm:4.3.1'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['localhost/x:1', 'localhost/x:1'],
    ['host:5000/x:1', 'host:5000/x:1'],
  ])('%s is %s', (name, full) => expect(fullName(name)).toBe(full))
})

describe('the check of a recipe', () => {
  const sha512 = 'a'.repeat(128)
  const problem = (name: string, entry: object) => () => checkImages({ ...images, [name]: entry }, builds)
  it.each([
    ['an unknown key', 'x:1', { base: 'scratch', packages: [] }, 'images.yaml: x:1: unknown key "packages"'],
    ['an unknown base', 'x:1', { base: 'no:1' }, 'base: expected "scratch" or the name of another image, got "no:1"'],
    ['a circle', 'base:1', { base: 'web:1' }, 'base:1 -> web:1 -> base:1 is a circle'],
    ['no tag', 'x', { base: 'scratch' }, 'expected a tag'],
    ['a program that nothing builds', 'x:1', { base: 'scratch', go: { no: '/no' } }, 'no module builds "no"'],
    ['a path through a link of Debian', 'x:1', { base: 'base:1', go: { tool: '/bin/tool' } }, 'write /usr/bin/tool'],
    ['a relative path', 'x:1', { base: 'base:1', files: { a: 'etc/a' } }, 'expected an absolute path in the image, got "etc/a"'],
    ['a floating version', 'x:1', { base: 'base:1', npm: { 'npm@11': { integrity: 'x', copy: {} } } }, 'expected an exact version as in "npm@11.0.0"'],
    ['no integrity', 'x:1', { base: 'base:1', npm: { 'npm@11.0.0': { copy: {} } } }, 'expected its integrity'],
    ['a Maven artifact of a floating version', 'x:1', { base: 'base:1', maven: { 'org.example:tool:1.0-SNAPSHOT': { sha512, file: '/x' } } }, 'expected group:artifact:version'],
    ['a Maven artifact without a checksum', 'x:1', { base: 'base:1', maven: { 'org.example:tool:1.0': { file: '/x' } } }, 'expected its sha512 as 128 hexadecimal digits'],
    ['a Maven artifact that goes nowhere', 'x:1', { base: 'base:1', maven: { 'org.example:tool:1.0': { sha512 } } }, 'org.example:tool:1.0: expected `file`'],
    ['files out of a jar', 'x:1', { base: 'base:1', maven: { 'org.example:tool:1.0': { sha512, copy: { a: '/a' } } } }, 'or for a zip `copy`'],
    ['a Maven artifact at a relative path', 'x:1', { base: 'base:1', maven: { 'org.example:tool:1.0': { sha512, file: 'x.jar' } } }, 'expected an absolute path in the image, got "x.jar"'],
    ['no release for a new system', 'x:1', { base: 'scratch', debian: ['git'] }, "suite: expected Debian's release name"],
    ['another word than true for an image on demand', 'x:1', { base: 'base:1', onDemand: 'yes' }, 'onDemand: expected true or no such key, got "yes"'],
  ])('refuses %s', (_, name, entry, message) => expect(problem(name, entry)).toThrow(message))
  it('takes Maven artifacts, whole or their files', () => {
    const maven = { 'org.example:tool:1.0.0.1': { sha512, file: '/x.jar' }, 'org.example:tool:2.0:zip': { sha512, copy: { 'tool-2.0/lib': '/opt/lib' } } }
    expect(problem('x:1', { base: 'base:1', maven })).not.toThrow()
  })
  const artifact = { program: 'tool', from: 'x', configType: 'a/b', layerType: 'a/c', title: 'x.tar.gz' }
  it.each([
    ['a program that nothing builds', { base: 'scratch', artifact: { ...artifact, program: 'no' } }, 'artifact: no module builds "no"'],
    ['no media type', { base: 'scratch', artifact: { ...artifact, layerType: undefined } }, 'artifact: layerType: expected a text'],
    ['an unknown key', { base: 'scratch', artifact: { ...artifact, colour: 'red' } }, 'x:1: artifact: unknown key "colour"'],
    ['a base', { base: 'base:1', artifact }, 'base: expected scratch, since an artifact has nothing below'],
    ['a process', { base: 'scratch', artifact, cmd: ['x'] }, 'cmd: an artifact has no such thing'],
    ['an annotation that is no text', { base: 'scratch', artifact: { ...artifact, annotations: { sample: true } } }, 'annotations: sample: expected a text'],
  ])('refuses an artifact with %s', (_, entry, message) => expect(problem('x:1', entry)).toThrow(message))
  it('takes an artifact', () => expect(problem('x:1', { base: 'scratch', onDemand: true, artifact })).not.toThrow())
  it('tells all problems at once', () => {
    expect(problem('x', { base: 'no:1', colour: 1 })).toThrow(/unknown key "colour"[^]*expected a tag[^]*base: expected/)
  })
  it('allows /bin where there is no Debian below', () => expect(problem('x:1', { base: 'scratch', go: { tool: '/bin/tool' } })).not.toThrow())
  it('refuses an image that is built ahead on a base that is not', () => {
    const rare = { 'rare:1': { base: 'scratch', onDemand: true }, 'x:1': { base: 'rare:1' } }
    expect(() => checkImages(rare, builds)).toThrow('x:1: onDemand: expected true, since its base rare:1 is built on demand')
  })
  it('refuses two programs of one name', () => {
    expect(() => checkBuilds({ a: builds.tool, b: builds.tool })).toThrow('b: output "tool" is also built by a')
  })
})

describe("the kit's own recipe", () => {
  it('is valid and has the images that the module names', () => {
    const { images: own } = loadRecipe()
    expect(Object.keys(own)).toEqual(expect.arrayContaining([
      'debian:bookworm-slim', 'node:24-bookworm-slim', 'python:3.11-slim-bookworm', 'registry:2.8.2', 'alpine/helm:4.3.1', 'registry.k8s.io/kubectl:v1.34.4',
      'grafana/k6:2.2.0', 'traefik:v3.6.0', 'coredns/coredns:1.13.1', 'registry.k8s.io/pause:3.10', 'airgap/kubernetes:1.34.4',
      'node:22-bookworm-slim', 'python:3.13-slim-trixie', 'postgres:15-bookworm', 'redis:7-bookworm', 'rhysd/actionlint:1.7.12',
      'aquasec/trivy:0.72.0', 'ghcr.io/aquasecurity/trivy-db:2', 'ghcr.io/sigstore/cosign/cosign:v3.1.3', 'zricethezav/gitleaks:v8.30.1',
      'sonarqube:25.9.0.112764-community', 'sonarsource/sonar-scanner-cli:12.0.0.3214_8.0.1', 'prom/prometheus:v2.42.0',
    ]))
  })
  it('has a key for each image', () => {
    const own = loadRecipe()
    const keys = Object.keys(own.images).map((name) => own.imageKey(name))
    expect(new Set(keys).size).toBe(keys.length)
  })
})
