import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { loadConfig, type Environment } from './config.js';
import type { Setting } from './setting.js';
import { SETTINGS } from './settings.js';

const settings = Object.values(SETTINGS) as Setting<unknown>[];
const names = settings.map(({ env }) => env);
const secrets = settings.filter(({ secret }) => secret).map(({ env }) => env);
const PRODUCTION = {
  NODE_ENV: 'production',
  SECRET_KEY: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA5Tm2Lx0cWdw==',
  DATABASE_URL: 'postgres://127.0.0.1/x',
};

describe('.env', () => {
  it('names every setting, and nothing else', () => {
    const named = [...readFileSync('.env', 'utf8').matchAll(/^(?:# )?([A-Z_]+)=/gm)].map((line) => line[1]!);
    expect(named.toSorted()).toEqual(names.toSorted());
  });
});

describe('docker-compose.yml', () => {
  const file = parse(readFileSync('docker-compose.yml', 'utf8')) as {
    services: { countersign: { environment: Record<string, string> } };
  };
  const { environment } = file.services.countersign;

  // The image sets the first three, and has no embedded database.
  const FIXED = new Set(['NODE_ENV', 'HOST', 'PORT', 'EMBEDDED_DATABASE', 'DATA_DIR']);

  it('passes every setting on, and nothing else', () => {
    const passed = names.filter((name) => !FIXED.has(name));
    expect(Object.keys(environment).toSorted()).toEqual(passed.toSorted());
  });

  it.each(Object.keys(environment).filter((name) => name !== 'DATABASE_URL'))('takes %s from outside', (name) => {
    expect(environment[name]).toMatch(new RegExp(`^\\$\\{${name}:[?-]`));
  });
});

interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: Record<string, unknown>;
  data: Environment;
}

interface Probe {
  httpGet: { path: string; port: string };
}

interface Pod {
  metadata: { labels: Record<string, string> };
  spec: {
    terminationGracePeriodSeconds: number;
    containers: [
      {
        ports: { name: string; containerPort: number }[];
        env: { name: string; valueFrom: { secretKeyRef: { key: string } } }[];
        envFrom: { configMapRef: { name: string } }[];
        lifecycle: { preStop: { sleep: { seconds: number } } };
      } & Record<'startupProbe' | 'livenessProbe' | 'readinessProbe', Probe>,
    ];
  };
}

describe('deploy/kubernetes/countersign.yaml', () => {
  const documents = parseAllDocuments(readFileSync('deploy/kubernetes/countersign.yaml', 'utf8'));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const the = (kind: string) => manifests.find((manifest) => manifest.kind === kind)!;
  const pod = the('Deployment').spec['template'] as Pod;
  const [container] = pod.spec.containers;

  it('is YAML without a fault, and has each part once', () => {
    expect(documents.flatMap(({ errors, warnings }) => errors.concat(warnings))).toEqual([]);
    const kinds = ['ConfigMap', 'Deployment', 'Service', 'PodDisruptionBudget'];
    expect(manifests.map(({ kind }) => kind)).toEqual(kinds);
  });

  it('names settings that there are; a secret comes by reference alone', () => {
    const byReference = container.env.map(({ name }) => name);
    for (const { name, valueFrom } of container.env) expect(valueFrom.secretKeyRef.key).toBe(name);
    expect(names).toEqual(expect.arrayContaining([...byReference, ...Object.keys(the('ConfigMap').data)]));
    expect(secrets).toEqual(expect.arrayContaining(byReference));
    expect(Object.keys(the('ConfigMap').data).filter((name) => secrets.includes(name))).toEqual([]);
    expect(container.envFrom).toEqual([{ configMapRef: { name: the('ConfigMap').metadata.name } }]);
  });

  it('is a configuration that starts in production', () => {
    expect(loadConfig({ ...PRODUCTION, ...the('ConfigMap').data }).production).toBe(true);
  });

  it('asks for paths and ports that there are', () => {
    const { paths } = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as { paths: object };
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
      expect(paths).toHaveProperty([probe.httpGet.path, 'get']);
      expect(container.ports.map(({ name }) => name)).toContain(probe.httpGet.port);
    }
    expect(readFileSync('Dockerfile', 'utf8')).toContain(`PORT=${container.ports[0]!.containerPort}`);
  });

  it('selects its own pods, and lets them finish', () => {
    const { labels } = pod.metadata;
    for (const kind of ['Deployment', 'PodDisruptionBudget']) {
      expect(the(kind).spec['selector']).toEqual({ matchLabels: labels });
    }
    expect(the('Service').spec['selector']).toEqual(labels);
    const { shutdownGrace } = loadConfig({ ...PRODUCTION, ...the('ConfigMap').data });
    const before = container.lifecycle.preStop.sleep.seconds;
    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThan(before + shutdownGrace);
  });
});
