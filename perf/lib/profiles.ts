// What load is put on the target; what each user does is in scenarios/.

export type Environment = Readonly<Record<string, string | undefined>>;

type Closed =
  | { readonly executor: 'constant-vus'; readonly vus: number; readonly duration: string }
  | { readonly executor: 'ramping-vus'; readonly startVUs: number; readonly stages: readonly Stage[] };
type Open = {
  readonly executor: 'constant-arrival-rate';
  readonly rate: number;
  readonly timeUnit: '1s';
  readonly duration: string;
  readonly preAllocatedVUs: number;
};
type Stage = { readonly target: number; readonly duration: string };

export type Profile = {
  readonly name: string;
  readonly thinkSeconds: number;
  readonly scenario: Closed | Open;
};

const profiles: Readonly<Record<string, Profile>> = {
  smoke: {
    name: 'smoke',
    thinkSeconds: 1,
    scenario: { executor: 'constant-vus', vus: 2, duration: '30s' },
  },
  load: {
    name: 'load',
    thinkSeconds: 1,
    scenario: {
      executor: 'ramping-vus',
      startVUs: 0,
      stages: [
        { target: 10, duration: '2m' },
        { target: 50, duration: '5m' },
        { target: 100, duration: '5m' },
        { target: 100, duration: '5m' },
        { target: 0, duration: '2m' },
      ],
    },
  },
  // Open model: users keep arriving when the target slows down, so waiting shows as latency and dropped iterations.
  arrival: {
    name: 'arrival',
    thinkSeconds: 0,
    scenario: { executor: 'constant-arrival-rate', rate: 5, timeUnit: '1s', duration: '1m', preAllocatedVUs: 50 },
  },
};

export function selectProfile(env: Environment): Profile {
  if (env['VUS'] || env['DURATION']) return constantUsers(env);
  const name = env['PROFILE'] || 'smoke';
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile) return profile;
  throw new Error(`PROFILE: expected one of ${Object.keys(profiles).join(', ')}, got "${name}"`);
}

function constantUsers(env: Environment): Profile {
  if (env['PROFILE']) {
    throw new Error('PROFILE: expected no value beside VUS or DURATION, which are a profile of their own; leave one out');
  }
  const vus = env['VUS'] ?? '';
  if (!/^[1-9][0-9]{0,4}$/.test(vus)) {
    throw new Error(`VUS: expected the number of users, 1 to 99999, got "${vus}"; DURATION alone is not enough`);
  }
  const duration = env['DURATION'] || '5m';
  if (seconds(duration) <= 0) throw new Error(`DURATION: expected more than 0 s, got "${duration}"`);
  return { name: `${vus} users`, thinkSeconds: 1, scenario: { executor: 'constant-vus', vus: Number(vus), duration } };
}

/** Iterations that the profile makes when each one takes iterationSeconds. */
export function expectedIterations({ scenario }: Profile, iterationSeconds: number): number {
  switch (scenario.executor) {
    case 'constant-vus':
      return (scenario.vus * seconds(scenario.duration)) / iterationSeconds;
    case 'ramping-vus':
      return rampUserSeconds(scenario.startVUs, scenario.stages) / iterationSeconds;
    case 'constant-arrival-rate':
      return scenario.rate * seconds(scenario.duration);
  }
}

function rampUserSeconds(startUsers: number, stages: readonly Stage[]): number {
  let users = startUsers;
  let area = 0;
  for (const { target, duration } of stages) {
    area += ((users + target) / 2) * seconds(duration);
    users = target;
  }
  return area;
}

export function seconds(duration: string): number {
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration);
  if (!parts || duration === '') {
    throw new Error(`DURATION: expected hours, minutes, seconds such as 30s, 5m or 1h30m, got "${duration}"`);
  }
  const [, hours = '0', minutes = '0', rest = '0'] = parts;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
}
