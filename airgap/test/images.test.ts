import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { defaultName, goCommand, goEnvironment } from '../lib/go-build.mjs'
import { ImageQueue } from '../lib/image-queue.mjs'
import { imagePlan } from '../lib/images.mjs'
import { artifactManifest } from '../lib/images/artifact.mjs'
import { configArguments, goModule, imageLabels } from '../lib/images/config.mjs'
import { aptOptions, aptSources, packageVersions } from '../lib/images/debian.mjs'
import { fetchCommand, mavenItems, repositoryPath } from '../lib/images/maven.mjs'
import { pushArtifact } from '../lib/images/registry.mjs'
import { withLock } from '../lib/lock.mjs'
import { KIT_FOLDER } from '../lib/recipe.mjs'
import { run } from '../lib/run.mjs'

const folders: string[] = []
const temporary = () => {
  const folder = mkdtempSync(join(tmpdir(), 'airgap-'))
  folders.push(folder)
  return folder
}
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

describe('the plan', () => {
  it('tells what is missing, in build order', () => {
    const context = { cacheDir: temporary(), registry: '127.0.0.1:5000', run, log: () => {} }
    const before = imagePlan(context, ['node:24-bookworm-slim'])
    expect(before.map(({ name, missing }: { name: string; missing: boolean }) => [name, missing])).toEqual([['debian:bookworm-slim', true], ['node:24-bookworm-slim', true]])
    const [{ key, ref }] = before
    mkdirSync(join(context.cacheDir, 'images'))
    writeFileSync(join(context.cacheDir, 'images', `${key}.json`), JSON.stringify({ ref }))
    expect(imagePlan(context, ['node:24-bookworm-slim']).map(({ missing }: { missing: boolean }) => missing)).toEqual([false, true])
    expect(ref).toBe('127.0.0.1:5000/docker.io/library/debian:bookworm-slim')
  })
})

describe('an image on demand', () => {
  it('is no part of the set-up, and neither is its base', () => {
    const names = imagePlan({ cacheDir: temporary(), registry: '127.0.0.1:5000' }).map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(['python:3.11-slim-bookworm', 'aquasec/trivy:0.72.0', 'ghcr.io/aquasecurity/trivy-db:2', 'zricethezav/gitleaks:v8.30.1', 'prom/prometheus:v2.42.0', 'postgres:15-bookworm', 'redis:7-bookworm', 'rhysd/actionlint:1.7.12', 'ghcr.io/sigstore/cosign/cosign:v3.1.3']))
    expect(names.filter((name: string) => /trixie|node:22|java|sonar|opentofu|conftest|tflint/.test(name))).toEqual([])
  })
  it('is built when it is pulled, and not before', async () => {
    const built: string[] = []
    const pendingFile = join(temporary(), 'pending')
    const queue = new ImageQueue({ ensure: async (name: string) => built.push(name), log: () => {}, kitDirectory: KIT_FOLDER, pendingFile })
    await queue.prebuild()
    expect([built.includes('node:24-bookworm-slim'), built.includes('node:22-bookworm-slim'), existsSync(pendingFile)]).toEqual([true, false, false])
    await queue.provide('docker.io/library/node', '22-bookworm-slim')
    expect(built.at(-1)).toBe('node:22-bookworm-slim')
  })
})

it.each([['sh', 'node/docker-entrypoint.sh'], ['sh', 'registry/entrypoint.sh'], ['sh', 'redis/entrypoint.sh'], ['bash', 'postgres/entrypoint.sh'], ['sh', 'sonarqube/entrypoint.sh'], ['sh', 'sonar-scanner/entrypoint.sh'], ['sh', 'sonar-scanner/sonar-scanner']])(
  'the %s script %s is well-formed', (shell, file) => { execFileSync(shell, ['-n', join(KIT_FOLDER, 'images', file)]) },
)

describe('go build', () => {
  it('builds all programs of a module at once, without traces of this machine', () => {
    const module = { ldflags: '-X a.b=c', programs: [{ package: 'example.org/a' }, { package: 'example.org/b' }] }
    expect(goCommand(module, '/out')).toEqual(['go', 'build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w -X a.b=c', '-o', '/out/', 'example.org/a', 'example.org/b'])
  })
  it('sets an experiment only for the program that wants it', () => {
    expect(goEnvironment({ programs: [] })).toEqual({ CGO_ENABLED: '0', GOWORK: 'off' })
    expect(goEnvironment({ goExperiment: 'jsonv2', programs: [] })).toHaveProperty('GOEXPERIMENT', 'jsonv2')
  })
  it.each([['go.k6.io/k6/v2', 'k6'], ['helm.sh/helm/v4/cmd/helm', 'helm'], ['github.com/coredns/coredns', 'coredns']])('%s becomes %s', (path, name) => expect(defaultName(path)).toBe(name))
})

describe('Debian', () => {
  it("uses the host's mirrors for the release, security included", () => {
    const targets = [
      'DEP-11 http://mirror/debian/ bookworm main', 'Packages http://mirror/debian/ bookworm main', 'Packages http://mirror/debian-security/ bookworm-security main',
      'Packages http://mirror/debian/ trixie main', 'Packages https://deb.example.org/tool stable main',
    ].join('\n')
    expect(aptSources(targets, 'bookworm')).toEqual(['deb http://mirror/debian-security/ bookworm-security main', 'deb http://mirror/debian/ bookworm main'])
  })
  it('asks the mirrors of a host of another release for this one, and the public archive for what they have not', () => {
    const targets = ['Packages http://mirror/debian/ bookworm main', 'Packages http://vendor/linux/debian bookworm stable'].join('\n')
    expect(aptSources(targets, 'trixie')).toEqual([
      'deb http://mirror/debian/ trixie main', 'deb http://mirror/debian/ trixie-updates main', 'deb http://deb.debian.org/debian-security trixie-security main',
    ])
  })
  it('takes over only the settings without which a mirror may not answer', () => {
    expect(aptOptions('Acquire::Check-Date "false";\nAPT::Install-Recommends "1";\nAcquire::http::Proxy "http://proxy:1";')).toEqual(['Acquire::Check-Date=false', 'Acquire::http::Proxy=http://proxy:1'])
  })
  it('reads package versions', () => expect(packageVersions('adduser\t3.1\nlibc6:amd64\t2.36\n')).toEqual({ adduser: '3.1', libc6: '2.36' }))
})

describe('a Maven artifact', () => {
  // Stands in for Maven, which would need its registry: writes what the registry answers.
  const answering = (content: string) => async (argv: string[]) => {
    const repository = argv.find((word) => word.startsWith('-Dmaven.repo.local='))?.replace(/.*=/, '')
    if (repository === undefined) return ''
    const file = join(repository, repositoryPath('org.example:tool:1.0'))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    return ''
  }
  const entry = { sha512: createHash('sha512').update('jar').digest('hex'), file: '/opt/tool.jar' }
  it('is fetched alone, into a repository of its own', () => {
    expect(fetchCommand('org.example:tool:1.0:zip', '/work/repository')).toEqual(expect.arrayContaining(['-Dmaven.repo.local=/work/repository', '-Dartifact=org.example:tool:1.0:zip', '-Dtransitive=false']))
    expect(repositoryPath('org.example:tool:1.0:zip')).toBe('org/example/tool/1.0/tool-1.0.zip')
  })
  it('goes where the recipe says when it is the one that the recipe means', async () => {
    const [item] = await mavenItems({ run: answering('jar') }, 'org.example:tool:1.0', entry, temporary())
    expect([item.to, readFileSync(item.from, 'utf8')]).toEqual(['/opt/tool.jar', 'jar'])
  })
  it('is refused with another checksum', async () => {
    await expect(mavenItems({ run: answering('other') }, 'org.example:tool:1.0', entry, temporary())).rejects.toThrow(/org.example:tool:1.0: expected sha512 [0-9a-f]{128}, the repository's artifact has [0-9a-f]{128}/)
  })
})

describe('what an image says about itself', () => {
  it('names where it comes from and that it is not the publisher\'s', () => {
    const entry = { base: 'debian:bookworm-slim', rebuildOf: 'on Debian', debian: ['git'], npm: { 'npm@11.0.0': {} }, maven: { 'org.example:tool:1.0:zip': {} } }
    expect(imageLabels('tool:1', entry, 'key', { packages: { git: '1:2.39' }, goModules: ['example.org/tool v1.0.0'] })).toEqual({
      'org.opencontainers.image.title': 'tool:1',
      'dev.delivery.rebuild': "rebuild of tool:1 (on Debian) from Debian packages git 1:2.39; npm packages npm 11.0.0; Maven artifacts org.example:tool 1.0; Go modules example.org/tool v1.0.0; the kit's debian:bookworm-slim; not the publisher's image",
      'dev.delivery.recipe': 'key',
    })
  })
  it('claims no publisher for an image of its own', () => {
    expect(imageLabels('own:1', { base: 'scratch' }, 'key', { packages: {}, goModules: ['a v1'] })['dev.delivery.rebuild']).toBe("an image of the air-gapped kit's own from Go modules a v1")
  })
  it('finds the version of the module that a program belongs to', () => {
    const goMod = 'module airgap/x\n\ntool helm.sh/helm/v4/cmd/helm\n\nrequire (\n\thelm.sh/helm/v4 v4.3.1 // indirect\n\thelm.sh/helm v2.0.0\n)\n'
    expect(goModule(goMod, 'helm.sh/helm/v4/cmd/helm')).toBe('helm.sh/helm/v4 v4.3.1')
    expect(goModule(goMod, 'airgap/x')).toBe('airgap/x of this repository')
  })
  it('sets its process from the entry alone', () => {
    const given = configArguments({ env: { A: 'b' }, entrypoint: ['/x', '-y'], workdir: '/w', user: 10, stopSignal: 'SIGINT' }, {}).join(' ')
    expect(given).toContain('--clear=config.entrypoint --clear=config.cmd')
    expect(given).toContain('--config.env A=b --config.entrypoint /x --config.entrypoint -y --config.workingdir /w --config.user 10 --config.stopsignal SIGINT')
  })
})

describe('an artifact', () => {
  it('has its media types, and the name of its file where the reader looks for it', () => {
    const recipe = { configType: 'application/x.config', layerType: 'application/x.tar+gzip', title: 'x.tar.gz', annotations: { sample: 'true' } }
    const manifest = artifactManifest(recipe, { label: 'text' }, Buffer.from('{}'), Buffer.from('layer'))
    expect(manifest.config).toEqual({ mediaType: 'application/x.config', digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', size: 2 })
    expect(manifest.layers).toEqual([expect.objectContaining({ mediaType: 'application/x.tar+gzip', size: 5, annotations: { 'org.opencontainers.image.title': 'x.tar.gz' } })])
    expect(manifest.annotations).toEqual({ sample: 'true', label: 'text' })
  })
  it('is pushed blob by blob, and what the registry has is not sent again', async () => {
    const asked: string[] = []
    const registry = createServer((incoming, outgoing) => {
      asked.push(`${incoming.method} ${(incoming.url ?? '').replace(/sha256(:|%3A)[0-9a-f]+/, 'DIGEST')}`)
      const has = asked.length === 1
      const status = { HEAD: has ? 200 : 404, POST: 202 }[incoming.method ?? ''] ?? 201
      incoming.resume().on('end', () => outgoing.writeHead(status, incoming.method === 'POST' ? { location: '/v2/a/db/blobs/uploads/1?state=x' } : {}).end())
    }).listen(0, '127.0.0.1')
    await once(registry, 'listening')
    const ref = `127.0.0.1:${(registry.address() as AddressInfo).port}/a/db:2`
    const digest = await pushArtifact(ref, { mediaType: 'application/vnd.oci.image.manifest.v1+json' }, [Buffer.from('{}'), Buffer.from('layer')])
    registry.close()
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(asked).toEqual([
      'HEAD /v2/a/db/blobs/DIGEST', 'HEAD /v2/a/db/blobs/DIGEST', 'POST /v2/a/db/blobs/uploads/', 'PUT /v2/a/db/blobs/uploads/1?state=x&digest=DIGEST', 'PUT /v2/a/db/manifests/2',
    ])
  })
})

describe('the sample vulnerability database', () => {
  const { updatedAt, advisories } = parse(readFileSync(join(KIT_FOLDER, 'images/trivy-sample-db/advisories.yaml'), 'utf8'))
  it('has advisories to see a gate red with: CRITICAL, mended, unmended, each ecosystem', () => {
    expect(new Set(advisories.map(({ id, package: name, ecosystem }: Record<string, string>) => [id, name, ecosystem].join())).size).toBe(advisories.length)
    expect(new Set(advisories.map(({ ecosystem }: { ecosystem: string }) => ecosystem))).toEqual(new Set(['npm', 'pip', 'maven', 'go', 'debian 12']))
    expect(advisories).toContainEqual(expect.objectContaining({ id: 'CVE-2021-44906', package: 'minimist', severity: 'CRITICAL' }))
    expect(advisories.some(({ affected }: { affected?: { fixed?: string }[] }) => affected?.every(({ fixed }) => fixed === undefined))).toBe(true)
  })
  it('has a date that is past', () => expect(new Date(updatedAt).getTime()).toBeLessThan(Date.now()))
})

describe('run', () => {
  it('gives standard output', async () => expect(await run(['printf', 'a%s', 'b'])).toBe('ab'))
  it('fails with the command, its status and the end of its output', async () => {
    await expect(run(['sh', '-c', 'seq 30; exit 7'])).rejects.toThrow(/sh -c 'seq 30; exit 7': ended with 7, expected 0\n {2}16\n[^]* {2}30$/)
  })
  it('names a program that is missing', async () => {
    await expect(run(['no-such-program'])).rejects.toThrow(/no-such-program: ended with 127[^]*No such file/)
  })
})

describe('the lock', () => {
  it('lets one in at a time and lets go after a failure', async () => {
    const file = join(temporary(), 'lock')
    const events: string[] = []
    const hold = (name: string) => withLock(file, () => {}, async () => {
      events.push(`${name} in`)
      await new Promise((done) => setTimeout(done, 50))
      events.push(`${name} out`)
      throw new Error(name)
    })
    const results = await Promise.allSettled([hold('a'), hold('b')])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(events.map((event) => event.slice(2))).toEqual(['in', 'out', 'in', 'out'])
  })
})
