// Every request says which run it belongs to, in the headers that tracing systems read.
import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import type { Settings } from './settings.ts';

type Answer = RefinedResponse<ResponseType | undefined>;
type Sender = (...sent: unknown[]) => unknown;
type Client = Record<string, Sender>;
type Parameters = { headers?: Record<string, string> };
export type Observer = (method: string, answer: Answer, traceId: string) => void;

// Where the parameters stand in the arguments of each function.
const POSITIONS: Readonly<Record<string, number>> = { get: 1, head: 1, options: 2, del: 2, post: 2, put: 2, patch: 2, request: 3, asyncRequest: 3 };

/** Adds `traceparent` and `baggage` to what scripts send by `http.get` and its kin; the module object is one per VU. */
export function correlate({ runId, commit }: Settings, observe: Observer): void {
  const client = http as unknown as Client;
  const baggage = `delivery.run=${encodeURIComponent(runId)},delivery.commit=${encodeURIComponent(commit)}`;
  // Random once for each user, then counted: as unlike any other as if all were random, and made in a fraction of the time.
  const half = hex(16);
  let count = 0;
  const newTrace = (): string => {
    count += 1;
    return half + count.toString(16).padStart(16, '0');
  };
  const marked = (given: Parameters | null | undefined, traceId = newTrace()): Parameters => {
    const headers: Record<string, string> = { traceparent: `00-${traceId}-${half}-01`, baggage };
    return given ? { ...given, headers: given.headers ? Object.assign(headers, given.headers) : headers } : { headers };
  };
  for (const [name, position] of Object.entries(POSITIONS)) {
    const send = client[name];
    if (send === undefined) throw new Error(`k6/http: expected the function ${name}, got none; this version of k6 is not known`);
    client[name] = (...sent) => {
      const traceId = newTrace();
      sent[position] = marked(sent[position] as Parameters | null | undefined, traceId);
      // `post(url)` leaves the body out: it stays undefined.
      const answer = send.apply(http, sent);
      if (name !== 'asyncRequest') observe(name === 'request' ? String(sent[0]) : name, answer as Answer, traceId);
      return answer;
    };
  }
  const { batch } = client;
  client['batch'] = (requests) => batch?.call(http, batched(requests as Batch, marked));
}

type Entry = string | [string, string, unknown?, Parameters?] | { params?: Parameters };
type Batch = Entry[] | Record<string, Entry>;

function batched(requests: Batch, marked: (given: Parameters | undefined) => Parameters): Batch {
  const mark = (entry: Entry): Entry => {
    if (typeof entry === 'string') return ['GET', entry, null, marked(undefined)];
    if (Array.isArray(entry)) return [entry[0], entry[1], entry[2] ?? null, marked(entry[3])];
    return { ...entry, params: marked(entry.params) };
  };
  return Array.isArray(requests) ? requests.map(mark) : Object.fromEntries(Object.entries(requests).map(([name, entry]) => [name, mark(entry)]));
}

function hex(digits: number): string {
  let text = '';
  while (text.length < digits) text += Math.floor(Math.random() * 0x1_0000_0000).toString(16).padStart(8, '0');
  return text;
}
