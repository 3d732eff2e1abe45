import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Testing from '../../packages/client/src/testing/index.js';
import { freePort } from './support/free-port.js';
import { until } from './support/processes.js';
import { readmeExamples, Stranger } from './support/stranger.js';

const DEFAULT_ISSUER = 'https://auth.example.com';
const stranger = new Stranger();
const examples = readmeExamples();
let packed: string[];

beforeAll(() => void (packed = stranger.pack()));
afterAll(() => stranger.leave());

/** What the machine has of Node beside the one that runs the tests, where the package says that it works there. */
const nodes = [process.execPath, '/usr/bin/node', '/usr/local/bin/node'].filter(
  (node) =>
    existsSync(node) && Number.parseInt(execFileSync(node, ['-p', 'process.versions.node']).toString(), 10) >= 20,
);

/** The issuer of the installed package. */
async function issuerOf(project: string): Promise<Testing.TestIssuer> {
  const file = join(project, 'node_modules/@countersign/client/dist/testing/index.js');
  const { createTestIssuer } = (await import(pathToFileURL(file).href)) as typeof Testing;
  return createTestIssuer();
}

/** The example with another issuer and another port, and bound to the loopback interface. */
function adapted(example: string, issuer: string, port: number): string {
  const adaptedCode = example
    .replace(DEFAULT_ISSUER, issuer)
    .replace('listen(3000)', `listen(${port}, '127.0.0.1')`)
    .replace('port: 3000', `port: ${port}`);
  expect(adaptedCode).toContain(issuer);
  expect(adaptedCode).toContain(String(port));
  return adaptedCode;
}

describe('the packed client', () => {
  it('contains what it needs and nothing else', () => {
    expect(packed).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']));
    const others = packed.filter((path) => !/^dist\/.*\.(js|d\.ts)$/.test(path) || path.includes('.spec.'));
    expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'dist/cjs/package.json', 'package.json']);
  });

  it('is found by every kind of import, with its types, as arethetypeswrong and publint see it', async () => {
    await stranger.check('@arethetypeswrong/cli@0.18.5', '--no-emoji');
    await stranger.check('publint@0.3.25', '--strict');
  });

  it('works in a new project of Nest 11 with Jest, and logs no warning for a refusal', async () => {
    const project = stranger.nestProject('shop');
    const issuer = await issuerOf(project);
    const [issuerUrl, port] = [await issuer.listen(), await freePort()];
    const [module, start] = examples.nest!.split(/^(?=const app = )/m) as [string, string];
    const sources = {
      'app.module.ts': module.replace('class AppModule', 'export class AppModule').replace(DEFAULT_ISSUER, issuerUrl),
      'app.controller.spec.ts': examples.jest!,
      'main.ts': `import { NestFactory } from '@nestjs/core';\nimport { AppModule } from './app.module';
        void (async () => {${start.replace('listen(3000)', `listen(${port}, '127.0.0.1')`)}})();`,
    };
    for (const [file, code] of Object.entries(sources)) writeFileSync(join(project, 'src', file), code);
    await stranger.run(project, process.execPath, 'node_modules/jest/bin/jest.js', '--silent=false');
    await stranger.run(project, process.execPath, 'node_modules/typescript/bin/tsc');

    const server = stranger.start(project, 'dist/main.js');
    let output = '';
    server.stdout!.on('data', (data: Buffer) => (output += data.toString()));
    const url = `http://127.0.0.1:${port}`;
    await until('the service listens', () =>
      fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    for (const headers of [{}, { authorization: `Bearer ${issuer.token({ audience: 'other' })}` }]) {
      const answer = await fetch(`${url}/orders`, { headers });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
      expect(await answer.json()).toMatchObject({ status: 401, code: expect.stringMatching(/^token_/) });
    }
    expect(output).toContain('successfully started');
    expect(output).not.toContain('WARN');
    await issuer.close();
  });

  it('is one package where a process loads it both ways', async () => {
    const project = stranger.project('both', ['express', '@types/express']);
    writeFileSync(
      join(project, 'both.mjs'),
      `import { createRequire } from 'node:module';
      import { createTestIssuer } from '@countersign/client/testing';
      import { createVerifier, TokenError } from '@countersign/client';
      const require = createRequire(import.meta.url);
      const { countersign } = require('@countersign/client/express');
      const verifier = createVerifier(createTestIssuer().verifierOptions);
      const response = { status: (status) => (console.log(status), response), set: () => response, send: () => verifier.close() };
      const request = { rawHeaders: ['authorization', 'Bearer x'], method: 'GET', originalUrl: '/' };
      await countersign(verifier)(request, response, console.error);
      console.log(new (require('@countersign/client').TokenError)('token_missing') instanceof TokenError);`,
    );
    expect(await stranger.run(project, process.execPath, 'both.mjs')).toBe('401\ntrue\n');
  });

  it('works by itself, with the examples for any framework and for tests', async () => {
    const project = stranger.project('alone', []);
    const issuer = await issuerOf(project);
    const url = await issuer.listen();
    stranger.compile(project, {
      'core.ts': examples.core!.replace(DEFAULT_ISSUER, url),
      'main.ts':
        "import { whoSent } from './core.js';\nconsole.log(await whoSent(process.argv[2]!));\nprocess.exit();\n",
      'logout.test.ts': examples.testing!,
    });
    const [living, ended] = [issuer.token({ subject: 'alice' }), issuer.token({ subject: 'bob' })];
    await issuer.revokeSession(ended);
    for (const node of nodes) {
      expect(await stranger.run(project, node, 'main.js', living)).toBe('alice\n');
      expect(await stranger.run(project, node, 'main.js', ended)).toBe('nobody: token_revoked\n');
      expect(await stranger.run(project, node, '--test', 'logout.test.js')).toMatch(/^(#|ℹ) pass 1$/m);
    }
    await issuer.close();
  });

  it.each([
    ['nest', ['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', 'reflect-metadata', 'rxjs']],
    ['express', ['express', '@types/express']],
    ['fastify', ['fastify']],
  ])('works with %s, as the README says', async (framework, packages) => {
    const project = stranger.project(framework, packages);
    const issuer = await issuerOf(project);
    const [issuerUrl, port] = [await issuer.listen(), await freePort()];
    stranger.compile(project, { 'server.ts': adapted(examples[framework]!, issuerUrl, port) });
    const url = `http://127.0.0.1:${port}`;
    const call = (path: string, token?: string, method = 'GET') =>
      fetch(`${url}${path}`, { method, headers: token ? { authorization: `Bearer ${token}` } : {} });

    const server = stranger.start(project, 'server.js');
    await until('the example listens', () => {
      if (server.exitCode !== null) throw new Error(`The example ended with ${server.exitCode}`);
      return call('/health').then(
        ({ ok }) => ok,
        () => false,
      );
    });
    await until('it follows the feed', () => issuer.connectedVerifiers === 1);

    const token = issuer.token({ subject: 'alice', roles: ['admin'] });
    const other = issuer.token();
    expect((await call('/orders')).status).toBe(401);
    const answer = await call('/orders', token);
    expect([answer.status, await answer.json()]).toEqual([200, { orders: [], of: 'alice' }]);
    expect((await call('/orders', other, 'DELETE')).status).toBe(403);
    expect((await call('/orders', token, 'DELETE')).status).toBe(200);

    await issuer.revokeSession(token);
    await until('the logout is true', async () => (await call('/orders', token)).status === 401);
    const refused = await call('/orders', token);
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await refused.json()).toMatchObject({ code: 'token_revoked' });
    expect((await call('/orders', other)).status).toBe(200);
    await issuer.close();
  });
});
