// The visitors that a cluster without any gets, for a canary to be judged by: most look at something, some ask for a summary, so that
// every service answers. It is told BASE_URL, REQUESTS_PER_SECOND, TRACK (to ask that track alone) and SUMMARY_PATH.
import exec from 'k6/execution';
import http, { type Params } from 'k6/http';
import type { Options } from 'k6/options';

const baseUrl = required('BASE_URL').replace(/\/$/, '');
const rate = Number(required('REQUESTS_PER_SECOND'));
const track = __ENV['TRACK'] ?? '';

export const options: Options = {
  scenarios: {
    visitors: {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      // Whoever started it stops it.
      duration: '24h',
      preAllocatedVUs: Math.max(10, Math.ceil(rate / 2)),
      maxVUs: Math.max(50, rate * 5),
      gracefulStop: '2s',
    },
  },
  discardResponseBodies: true,
  userAgent: 'delivery-synthetic',
  systemTags: [],
};

const params: Params = {
  headers: { 'content-type': 'application/json', ...(track === '' ? {} : { 'x-delivery-track': track }) },
  timeout: '10s',
};

/** Ten documents to read; what cannot be written now is not read later. */
export function setup(): readonly string[] {
  const document = JSON.stringify({ title: 'Synthetic', text: 'A first sentence. A second one about canaries. A third and last one.' });
  return Array.from({ length: 10 }, () =>
    http.post(`${baseUrl}/api/documents`, document, { ...params, responseType: 'text' }),
  )
    .filter(({ status }) => status === 201)
    .map((response) => String(response.json('id')));
}

export default function visit(documents: readonly string[]): void {
  const turn = exec.scenario.iterationInTest;
  const document = documents[turn % documents.length];
  const kind = turn % 10;
  if (kind < 5) http.get(`${baseUrl}/`, params);
  else if (kind < 7 || document === undefined) http.get(`${baseUrl}/api/documents`, params);
  else if (kind < 9) http.get(`${baseUrl}/api/documents/${document}`, params);
  else http.post(`${baseUrl}/api/documents/${document}/summary`, null, params);
}

interface Counted {
  readonly metrics: Readonly<Record<string, { readonly values: Readonly<Record<string, number>> } | undefined>>;
}

export function handleSummary({ metrics }: Counted): Record<string, string> {
  const requests = metrics['http_reqs']?.values['count'] ?? 0;
  // k6 counts what it calls failed as passes of that rate.
  const failed = metrics['http_req_failed']?.values['passes'] ?? 0;
  return { [required('SUMMARY_PATH')]: JSON.stringify({ requests, failed }) };
}

function required(name: string): string {
  const value = __ENV[name] ?? '';
  if (value === '') throw new Error(`${name}: expected a value, got none`);
  return value;
}
