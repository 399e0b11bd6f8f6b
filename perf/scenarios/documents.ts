// One user: opens the page and the list, uploads a document, reads it back, asks for its summary.
import { check, sleep } from 'k6';
import exec from 'k6/execution';
import http, { type Params, type Response } from 'k6/http';
import type { Options, Scenario } from 'k6/options';
import { selectProfile } from '../lib/profiles.ts';
import { renderJson, renderText, summarise, type SummaryData } from '../lib/summary.ts';
import { readBaseUrl, readSeed } from '../lib/target.ts';
import { generateDocument } from '../lib/texts.ts';
import { selectBudget, thresholdsFor } from '../lib/thresholds.ts';

// Read before anything is sent: a wrong setting ends the run with status 107 and no request.
const baseUrl = readBaseUrl(__ENV['BASE_URL']);
const seed = readSeed(__ENV['SEED']);
const profile = selectProfile(__ENV);
const environment = __ENV['ENVIRONMENT'] ?? '';
const budget = selectBudget(JSON.parse(open(import.meta.resolve('../budgets.json'))), environment);
const operations = ['browse', 'list', 'upload', 'read', 'summarise'] as const;
type Operation = (typeof operations)[number] | 'setup';

export const options: Options = {
  scenarios: { documents: profile.scenario as Scenario },
  thresholds: thresholdsFor(budget, profile, operations),
  summaryTrendStats: ['count', 'med', 'p(95)', 'p(99)', 'max'],
  tags: { environment },
  userAgent: 'delivery-perf',
};

/** No answer at all says nothing about speed: that is an error of the surroundings, not a missed budget. */
export function setup(): void {
  const { status, error } = http.get(`${baseUrl}/`, request('setup', 'GET /'));
  if (status !== 0) return;
  throw new Error(`BASE_URL: ${baseUrl}/ did not answer (${error}); is it deployed and reachable from here?`);
}

export default function documents(): void {
  const document = generateDocument(seed, exec.scenario.iterationInTest);
  expect('the page is HTML', http.get(`${baseUrl}/`, request('browse', 'GET /')), 200, /^text\/html/);
  expect('the list is JSON', http.get(`${baseUrl}/api/documents`, request('list', 'GET /api/documents')), 200, json);

  const uploaded = http.post(
    `${baseUrl}/api/documents`,
    JSON.stringify(document),
    request('upload', 'POST /api/documents'),
  );
  if (expect('the upload is created', uploaded, 201, json)) {
    const url = `${baseUrl}/api/documents/${uploaded.json('id')}`;
    const read = http.get(url, request('read', 'GET /api/documents/:id'));
    if (expect('the document is found', read, 200, json)) {
      check(read, { 'the text is the uploaded one': () => read.json('text') === document.text });
    }
    const summary = http.post(`${url}/summary`, null, request('summarise', 'POST /api/documents/:id/summary'));
    if (expect('the summary is made', summary, 200, json)) {
      check(summary, { 'the summary has text': () => Boolean(summary.json('summary')) });
    }
  }
  sleep(profile.thinkSeconds);
}

export function handleSummary(data: SummaryData): Record<string, string> {
  const summary = summarise(data, { scenario: 'documents', environment, profile: profile.name, baseUrl, operations });
  const path = __ENV['SUMMARY_PATH'];
  return { stdout: renderText(summary), ...(path && { [path]: renderJson(summary) }) };
}

const json = /^application\/json/;

// A page that answers 200 to every path must not count as an API: the content type is part of the answer.
function expect(what: string, response: Response, status: number, contentType: RegExp): boolean {
  return check(response, {
    [what]: () => response.status === status && contentType.test(response.headers['Content-Type'] ?? ''),
  });
}

// `name` is the route's pattern: without it every document's address would be a series of its own.
function request(operation: Operation, name: string): Params {
  return { headers: { 'Content-Type': 'application/json' }, tags: { operation, name }, timeout: '10s' };
}
