import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { askRaw } from './raw-http.js';

const UPWARDS = [
  '..',
  '%2e%2e',
  '.%2e',
  '..%2f..',
  '%2e%2e%2f%2e%2e',
  '..%5c..',
  '....//',
  '..;',
  '%252e%252e',
  '\\..',
];
const FILES = ['package.json', 'etc/passwd', '.env', 'swagger-initializer.js', 'absolute-path.js'];

describe('climbing out of the folder that Swagger UI is served from', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());

  const get = (target: string) => askRaw(app.http.baseUrl, 'GET', target);

  it('its own files are there, so that this test can fail', async () => {
    expect((await get('/docs/swagger-ui.css')).status).toBe(200);
  });

  it.each(UPWARDS)('%s leads to no file, and to no failure', async (up) => {
    for (const file of FILES) {
      for (const depth of [1, 2, 3, 8]) {
        for (const root of ['/docs/', '/docs/docs/', '/']) {
          const target = root + `${up}/`.repeat(depth) + file;
          const { status, body } = await get(target);
          expect(status, target).toBeGreaterThanOrEqual(400);
          expect(status, target).toBeLessThan(500);
          expect(body).not.toMatch(/root:|"version"|function|SECRET/);
        }
      }
    }
  });
});
