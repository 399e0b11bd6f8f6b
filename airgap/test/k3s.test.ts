import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const lib = fileURLToPath(new URL('../images/kubernetes/lib', import.meta.url))
const disable = '--disable=traefik,coredns,servicelb,metrics-server,local-storage'
const shell = (script: string, args: string[] = []) => spawnSync('bash', ['-euo', 'pipefail', '-c', `. ${lib}/arguments.sh; . ${lib}/containerd.sh; ${script}`, 'k3s', ...args], { encoding: 'utf8' })
const parsed = (print: string, ...args: string[]) => shell(`read_arguments "$@"; echo "${print}"`, args).stdout.trim()
const refused = (...args: string[]) => {
  const { status, stderr } = shell('read_arguments "$@"', args)
  expect(status).toBe(2)
  return stderr
}

describe("k3s's command line", () => {
  it('takes values with = and as the next word', () => {
    expect(parsed('${option[service-cidr]} ${option[node-name]}', disable, '--service-cidr=10.43.0.0/16', '--node-name', 'alpha')).toBe('10.43.0.0/16 alpha')
  })
  it('has defaults', () => expect(parsed('${option[cluster-cidr]} ${option[write-kubeconfig]}', disable)).toBe('10.244.0.0/16 /etc/rancher/k3s/k3s.yaml'))
  it('collects names for the certificate', () => {
    expect(parsed('${tls_sans[*]}', disable, '--tls-san=a', '--tls-san', 'b,10.0.0.1')).toBe('a b 10.0.0.1')
  })
  it('collects what is disabled', () => {
    expect(parsed('ok', '--disable', 'traefik', '--disable=coredns,servicelb', '--disable=metrics-server', '--disable=local-storage')).toBe('ok')
  })
  it('passes arguments on to one program', () => {
    expect(parsed('${extra[kubelet]}', disable, '--kubelet-arg=max-pods=50', '--kubelet-arg=v=2')).toBe('--max-pods=50 --v=2')
  })
  it('takes what has no effect here', () => {
    expect(parsed('ok', disable, '--disable-helm-controller', '--flannel-backend=none', '--token', 'secret', '--debug')).toBe('ok')
  })
  it.each([
    ['an option that it does not know', [disable, '--cluster-reset'], '--cluster-reset: not an option of this image; it takes --cluster-cidr'],
    ['a word that is no option', [disable, 'extra'], 'expected an option of k3s server, got "extra"'],
    ['an option without its value', [disable, '--cluster-dns'], '--cluster-dns: expected a value'],
    ['to stand for a component that it has not', ['--disable=coredns'], 'this image has no traefik: say so with --disable='],
  ])('refuses %s', (_, args, message) => expect(refused(...args)).toContain(message))
  it('knows the first address of a range', () => expect(shell('first_address 10.96.0.0/16').stdout.trim()).toBe('10.96.0.1'))
})

// Where jq is not installed the image's own test on a real cluster still runs this.
describe.skipIf(spawnSync('jq', ['--version']).status !== 0)('registries.yaml', () => {
  let folder: string
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'airgap-')) })
  afterAll(() => rmSync(folder, { recursive: true }))
  const write = (settings: string) => {
    writeFileSync(join(folder, 'registries.yaml'), settings)
    rmSync(join(folder, 'certs.d'), { recursive: true, force: true })
    mkdirSync(join(folder, 'certs.d'))
    return shell(`run=${folder} log=${folder}; write_registries ${folder}/registries.yaml`)
  }
  const hosts = (registry: string) => readFileSync(join(folder, 'certs.d', registry, 'hosts.toml'), 'utf8')

  it('becomes one file for each registry', () => {
    const mirrors = { 'localhost:5000': { endpoint: ['http://registry:5000'] }, 'docker.io': { endpoint: ['http://registry:5000/v2/docker.io'] }, '*': { endpoint: ['http://registry:5000'] } }
    expect(write(JSON.stringify({ mirrors })).status).toBe(0)
    expect(hosts('localhost:5000')).toBe('[host."http://registry:5000"]\n  capabilities = ["pull", "resolve"]\n')
    expect(hosts('docker.io')).toContain('[host."http://registry:5000/v2/docker.io"]\n  capabilities = ["pull", "resolve"]\n  override_path = true\n')
    expect(existsSync(join(folder, 'certs.d', '_default'))).toBe(true)
  })
  it('is refused when it is no JSON', () => expect(write('mirrors: {}').stderr).toContain('expected JSON'))
  it('is refused with keys that would have no effect', () => {
    expect(write('{"mirrors": {"*": {"endpoint": ["http://a"], "rewrite": {}}}}').stderr).toContain('and no other keys')
    expect(write('{"mirrors": {}, "configs": {}}').stderr).toContain('and no other keys')
  })
})

it('every script of the cluster image is well-formed', () => {
  for (const file of ['../k3s', 'arguments.sh', 'certificates.sh', 'components.sh', 'containerd.sh']) execFileSync('bash', ['-n', join(lib, file)])
})
