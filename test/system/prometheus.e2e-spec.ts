import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { freePort } from './support/free-port.js';
import { OwnPostgres } from './support/own-postgres.js';
import { until } from './support/processes.js';
import { PASSWORD, REPOSITORY, Scene, type Service } from './support/service.js';

const EXAMPLES = join(REPOSITORY, 'examples/observability');
const TOKEN = 'a token for prometheus';

interface Series {
  readonly metric: Record<string, string>;
}
interface Answer {
  readonly status: string;
  readonly data: { readonly result: readonly Series[] };
}

const rules = parse(readFileSync(join(EXAMPLES, 'alerts.yml'), 'utf8')) as {
  groups: { rules: { alert: string; expr: string }[] }[];
};
const dashboard = JSON.parse(readFileSync(join(EXAMPLES, 'dashboard.json'), 'utf8')) as {
  panels: { title: string; targets: { expr: string }[] }[];
};
const alerts = rules.groups.flatMap((group) => group.rules.map(({ alert, expr }) => [alert, expr] as const));
const panels = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));

/** The figure of an alert, without its threshold. No request of this test is answered with 5xx, so 4xx are taken. */
const figureOf = (expr: string): string =>
  expr
    .trim()
    .replace(/ (?:[<>]|[=><]=) [\d.]+$/, '')
    .replace('5..', '4..');

const scene = new Scene();
let postgres: OwnPostgres;
let prometheus: ChildProcess;
let url: string;

async function ask(expr: string): Promise<readonly Series[]> {
  const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`);
  const { status, data } = (await answer.json()) as Answer;
  expect(status, expr).toBe('success');
  return data.result;
}

/** Causes everything that the metrics tell of. Counters of what has not happened yet do not exist. */
async function live({ http }: Service, email: string): Promise<void> {
  await http.post('/auth/register', { email, password: PASSWORD });
  const login = () => http.post<TokenResponse>('/auth/login', { email, password: PASSWORD });
  const { refresh_token: first } = (await login()).body;
  const { refresh_token: second } = (await http.post<TokenResponse>('/auth/refresh', { refresh_token: first })).body;
  await http.post('/auth/refresh', { refresh_token: second });
  await http.post('/auth/refresh', { refresh_token: first });
  const guess = () => http.post('/auth/login', { email, password: 'another password than that' });
  for (let attempt = 0; attempt < 12; attempt++) await guess();
  await http.get('/no-such-path');
}

function startPrometheus(targets: readonly string[], port: number): ChildProcess {
  const folder = scene.folder();
  cpSync(EXAMPLES, folder, { recursive: true });
  const config = parse(readFileSync(join(folder, 'prometheus.yml'), 'utf8')) as {
    global: object;
    scrape_configs: [{ static_configs: [{ targets: readonly string[] }] }];
  };
  config.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  config.scrape_configs[0].static_configs[0].targets = targets;
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  writeFileSync(join(folder, 'metrics-token'), TOKEN, { mode: 0o600 });
  const options = [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  return spawn('prometheus', options, { stdio: 'ignore', detached: true });
}

beforeAll(async () => {
  postgres = await OwnPostgres.start();
  const database = await postgres.createDatabase();
  const ports = [await freePort(), await freePort()];
  const instances: Service[] = [];
  for (const port of ports) {
    const variables = { DATABASE_URL: database, METRICS_PORT: String(port), METRICS_TOKEN: TOKEN };
    instances.push(await scene.start(variables));
  }
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  prometheus = startPrometheus(
    ports.map((each) => `127.0.0.1:${each}`),
    port,
  );
  for (const [index, instance] of instances.entries()) await live(instance, `person-${index}@example.com`);
  const scraped = () => ask('count(count_over_time(countersign_limits_hit_total[5m]) >= 3) >= 2');
  await until('Prometheus has scraped both', async () => (await scraped().catch(() => [])).length > 0);
});
afterAll(async () => {
  prometheus.kill('SIGKILL');
  await once(prometheus, 'exit');
  await scene.clear();
  await postgres.stop();
});

describe('Prometheus with the files of examples/observability', () => {
  it('takes the rules', () => {
    execFileSync('promtool', ['check', 'rules', join(EXAMPLES, 'alerts.yml')], { stdio: 'pipe' });
  });

  it('scrapes both instances', async () => {
    expect(await ask('up == 1')).toHaveLength(2);
  });

  it.each(alerts)('finds the figure of the alert %s', async (_, expr) => {
    expect(await ask(figureOf(expr))).not.toEqual([]);
  });

  it.each(alerts.filter(([name]) => name !== 'CountersignTokenReplayed'))(
    'does not fire %s for nothing',
    async (_, expr) => {
      expect(await ask(expr)).toEqual([]);
    },
  );

  it.each(panels)('finds something for the panel "%s": %s', async (_, expr) => {
    expect(await ask(expr)).not.toEqual([]);
  });

  it('keeps every label of ours under its name', async () => {
    expect(await ask('{__name__=~"countersign_.*", exported_job!=""}')).toEqual([]);
  });
});
