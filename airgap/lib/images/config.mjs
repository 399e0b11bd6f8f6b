// What an image says about itself: labels and the settings of its process.
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The arguments of `umoci config` for an entry. Settings of the process are never inherited from the base: the entry shows them all. */
export function configArguments(entry, labels) {
  const list = (option, values = []) => values.flatMap((value) => [`--config.${option}`, value])
  const pairs = (option, values) => list(option, Object.entries(values).map(([key, value]) => `${key}=${value}`))
  return [
    ...['labels', 'entrypoint', 'cmd'].map((name) => `--clear=config.${name}`),
    '--no-history', '--created', '1970-01-01T00:00:00Z',
    ...pairs('env', { PATH, ...entry.env }),
    ...pairs('label', labels),
    ...list('entrypoint', entry.entrypoint),
    ...list('cmd', entry.cmd),
    ...(entry.workdir ? ['--config.workingdir', entry.workdir] : []),
    ...(entry.user === undefined ? [] : ['--config.user', String(entry.user)]),
    ...(entry.stopSignal ? ['--config.stopsignal', entry.stopSignal] : []),
    ...list('exposedports', entry.ports),
    ...list('volume', entry.volumes),
  ]
}

/** @param {{packages: Record<string, string>, goModules: string[]}} made what the build found: all Debian packages by version, `module version` of each Go program */
export function imageLabels(name, entry, key, { packages, goModules }) {
  const debian = (entry.debian ?? []).map((pack) => `${pack} ${packages[pack]}`)
  const parts = [
    ...(debian.length || entry.suite ? [`Debian ${entry.suite ? `${entry.suite} ` : ''}packages ${entry.suite ? 'of the minimal system and ' : ''}${debian.join(', ')}`] : []),
    ...(entry.npm ? [`npm packages ${Object.keys(entry.npm).map((pack) => pack.replace(/@(?=[^@]*$)/, ' ')).join(', ')}`] : []),
    ...(entry.maven ? [`Maven artifacts ${Object.keys(entry.maven).map((text) => text.replace(/^([^:]+:[^:]+):([^:]+).*/, '$1 $2')).join(', ')}`] : []),
    ...(goModules.length ? [`Go modules ${goModules.join(', ')}`] : []),
    ...(entry.base === 'scratch' ? [] : [`the kit's ${entry.base}`]),
  ].join('; ')
  return {
    'org.opencontainers.image.title': name,
    'dev.delivery.rebuild': entry.rebuildOf
      ? `rebuild of ${name} (${entry.rebuildOf}) from ${parts}; not the publisher's image`
      : `an image of the air-gapped kit's own from ${parts}`,
    'dev.delivery.recipe': key,
  }
}

/** `module version` of the module that a package of a wrapper's go.mod belongs to. */
export function goModule(goMod, packagePath) {
  const required = [...goMod.matchAll(/^\s*(?:require )?(\S+) (v\S+)/gm)].map(([, module, version]) => ({ module, version }))
    .filter(({ module }) => packagePath === module || packagePath.startsWith(`${module}/`))
    .sort((a, b) => b.module.length - a.module.length)
  if (required.length) return `${required[0].module} ${required[0].version}`
  return `${goMod.match(/^module (\S+)/m)[1]} of this repository`
}
