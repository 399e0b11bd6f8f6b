// Debian root file systems: a new one by mmdebstrap, and packages installed over an unpacked image.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

// A killed build leaves neither mounts nor processes: both belong to namespaces that end with it.
const ISOLATED = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc']
const ARCHIVE = 'http://deb.debian.org'
const OPTIONS = ['Acquire::Check-Valid-Until', 'Acquire::Check-Date', 'Acquire::http::Proxy', 'Acquire::https::Proxy', 'Acquire::Retries']

/** The host's own Debian mirrors for a release, as lines of sources.list. What the host has for another release is taken for this one too: a closed network has no other. */
export function aptSources(indexTargets, suite) {
  const targets = indexTargets.split('\n').map((line) => line.trim().split(/\s+/)).filter(([kind, uri]) => kind === 'Packages' && /debian/.test(uri))
  const lines = targets.filter(([, , release]) => [suite, `${suite}-updates`, `${suite}-security`].includes(release))
    .map(([, uri, release, component]) => `deb ${uri} ${release} ${component}`)
  if (lines.length) return [...new Set(lines)].sort()
  const mirror = (end) => targets.find(([, uri, , component]) => component === 'main' && new RegExp(`/${end}/?$`).test(uri))?.[1] ?? `${ARCHIVE}/${end}`
  return [`deb ${mirror('debian')} ${suite} main`, `deb ${mirror('debian')} ${suite}-updates main`, `deb ${mirror('debian-security')} ${suite}-security main`]
}

/** The host's settings without which its mirrors may not answer, as apt options. */
export function aptOptions(configDump) {
  return configDump.split('\n').map((line) => line.match(/^(\S+) "(.*)";$/))
    .filter((match) => match && OPTIONS.some((option) => option.toLowerCase() === match[1].toLowerCase()))
    .map(([, name, value]) => `${name}=${value}`)
}

const hostSources = async (context, suite) =>
  aptSources(await context.run(['apt-get', 'indextargets', '--format', '$(CREATED_BY) $(REPO_URI) $(RELEASE) $(COMPONENT)']), suite)
const hostOptions = async (context) => aptOptions(await context.run(['apt-config', 'dump']))

/** Makes a root file system as one tar file and tells its packages with their versions. */
export async function bootstrap(context, entry, work, logFile) {
  const sources = await hostSources(context, entry.suite)
  const options = await hostOptions(context)
  const tar = join(work, 'root.tar')
  const list = join(work, 'packages')
  await mkdir(join(work, 'tmp'), { recursive: true })
  await context.run([
    ...ISOLATED, 'mmdebstrap', '--mode=root', '--variant=minbase', `--include=${(entry.debian ?? []).join(',')}`,
    ...(entry.dpkgOptions ?? []).map((option) => `--dpkgopt=${option}`),
    ...options.map((option) => `--aptopt=${option.replace('=', ' "')}"`),
    // The name and the resolver of this machine are no part of an image, nor are settings of its mirror.
    '--customize-hook=rm -f "$1/etc/hostname" "$1/etc/apt/apt.conf.d/99mmdebstrap"; : > "$1/etc/resolv.conf"',
    `--customize-hook=chroot "$1" dpkg-query -W > '${list}'`,
    entry.suite, tar, ...sources,
    // A fixed time makes the same packages give the same digest.
  ], { env: { ...process.env, TMPDIR: join(work, 'tmp'), SOURCE_DATE_EPOCH: '1' }, logFile })
  return { tar, packages: packageVersions(await readFile(list, 'utf8')) }
}

const INSTALL = `
root=$1 users=$2 remove=$3 packages=$4; shift 4
mount --bind /proc "$root/proc"
mount --rbind /dev "$root/dev"
made=
[ -e "$root/etc/resolv.conf" ] || { : > "$root/etc/resolv.conf"; made=1; }
mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
[ ! -f /etc/ssl/certs/ca-certificates.crt ] || cp -L /etc/ssl/certs/ca-certificates.crt "$root/run/host-ca.crt"
# Before the packages, which make a user of that name by themselves, but with whatever number is free.
for user in $users; do
  name=\${user%%:*} home=\${user##*:} id=\${user#*:}; id=\${id%:*}
  chroot "$root" groupadd --gid "$id" "$name"
  case $home in
    '') chroot "$root" useradd --uid "$id" --gid "$id" --create-home --shell /bin/bash "$name" ;;
    *) chroot "$root" useradd --uid "$id" --gid "$id" --home-dir "$home" --no-create-home --shell /bin/bash "$name" ;;
  esac
done
if [ -n "$packages" ]; then
  set -- -o Acquire::https::CAInfo=/run/host-ca.crt -o DPkg::Options::=--force-unsafe-io "$@"
  # Packages of Java want to link their pages there, and a base without pages has no such folder.
  mkdir -p "$root/usr/share/man/man1"
  chroot "$root" apt-get "$@" update
  chroot "$root" apt-get "$@" install --yes --no-install-recommends $packages
  chroot "$root" apt-get clean
fi
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/ldconfig/* "$root"/var/log/apt "$root"/var/log/dpkg.log "$root"/var/log/alternatives.log "$root"/etc/passwd- "$root"/etc/group- "$root"/etc/shadow- "$root"/etc/gshadow-
for path in $remove; do rm -rf "$root/$path"; done
# The link to a certificate that was removed is named by a hash of this machine's name.
[ -z "$remove" ] || chroot "$root" find /etc/ssl/certs -xtype l -delete
umount "$root/etc/resolv.conf"
[ -z "$made" ] || rm "$root/etc/resolv.conf"
chroot "$root" dpkg-query -W >&3
`

/** Installs an entry's Debian packages and users in an unpacked image and tells its packages with their versions. */
export async function installOver(context, entry, root, work, logFile) {
  const options = await hostOptions(context)
  const list = join(work, 'packages')
  await context.run([
    ...ISOLATED, 'sh', '-euc', `exec 3>'${list}'\n${INSTALL}`, 'sh', root,
    (entry.users ?? []).map((user) => `${user.name}:${user.uid}:${user.home ?? ''}`).join(' '),
    (entry.remove ?? []).join(' '),
    (entry.debian ?? []).join(' '),
    ...options.flatMap((option) => ['-o', option]),
  ], { env: { PATH: process.env.PATH, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }, logFile })
  return packageVersions(await readFile(list, 'utf8'))
}

export function packageVersions(listing) {
  return Object.fromEntries(listing.trim().split('\n').map((line) => line.split('\t')).map(([name, version]) => [name.replace(/:.*/, ''), version]))
}
