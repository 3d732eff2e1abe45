import { describe, expect, it } from 'vitest';
import { banner, type BannerFacts } from './banner.js';
import { loadConfig, type Environment } from './platform/config/config.js';

const SECRET_KEY = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64');
const DATABASE_URL = 'postgres://admin:p4ss%2Fw0rd@db.internal:5433/auth?sslmode=require&password=p4ss';

function show(environment: Environment = {}, facts: Partial<BannerFacts> = {}): string {
  const config = loadConfig({ SECRET_KEY, DATABASE_URL, PUBLIC_URL: 'https://auth.example.com', ...environment });
  return banner({
    version: '1.2.3',
    config,
    url: 'http://127.0.0.1:3000',
    embedded: false,
    firstAdmin: null,
    ...facts,
  });
}
const line = (text: string, name: string) => text.split('\n').find((candidate) => candidate.trim().startsWith(name));

describe('the banner', () => {
  it('says what runs, and where', () => {
    const text = show();
    expect(text).toContain('Countersign 1.2.3');
    expect(line(text, 'Public URL')).toMatch(/ https:\/\/auth\.example\.com .*http:\/\/127\.0\.0\.1:3000/);
    expect(line(text, 'JWKS')).toContain('https://auth.example.com/.well-known/jwks.json');
    expect(line(text, 'Environment')).toContain('development');
    expect(line(text, 'Mailbox')).toContain('https://auth.example.com/dev/mailbox');
  });

  it('says where mail goes, and never by which credentials', () => {
    const server = show({ SMTP_URL: 'smtps://admin:p4ss@smtp.example.com:4650', MAIL_FROM: 'no-reply@example.com' });
    expect(line(server, 'Mail')).toMatch(/ by smtp\.example\.com:4650$/);
    expect(server).not.toMatch(/p4ss|admin/);
    expect(line(show({ NODE_ENV: 'production' }), 'Mail')).toContain('none is sent');
  });

  it('names the database, and never its credentials', () => {
    const text = show();
    expect(line(text, 'Database')).toMatch(/PostgreSQL at db\.internal:5433\/auth$/);
    expect(text).not.toMatch(/p4ss|admin|sslmode/);
  });

  it('names a database behind a local socket', () => {
    expect(line(show({ DATABASE_URL: 'postgres:///auth?host=/run/postgresql' }), 'Database')).toMatch(
      /PostgreSQL at the local socket\/auth$/,
    );
  });

  it('says that the database is the embedded one, and where it lives', () => {
    const text = show({ DATA_DIR: '/srv/countersign' }, { embedded: true });
    expect(line(text, 'Database')).toMatch(/embedded PostgreSQL in \/srv\/countersign .*DATABASE_URL/);
    expect(text).not.toContain('db.internal');
  });

  it.each<[string, Environment, boolean]>([
    ['development', {}, true],
    ['production', { NODE_ENV: 'production' }, false],
    ['production, by setting', { NODE_ENV: 'production', DOCS: 'on' }, true],
    ['development, by setting', { DOCS: 'off' }, false],
  ])('shows the way to Swagger UI where it is served: %s', (_, environment, shown) => {
    const text = show(environment);
    expect(text.includes('https://auth.example.com/docs')).toBe(shown);
    expect(line(text, 'Next:')).toContain(shown ? 'Swagger UI' : 'curl https://auth.example.com/health/ready');
  });

  it('shows a generated password, and only that one', () => {
    expect(show()).not.toMatch(/administrator|Password/);
    const email = 'root@example.com';
    const named = show({}, { firstAdmin: { email, generatedPassword: null } });
    expect(named).toContain('First administrator: root@example.com');
    expect(named).not.toContain('Password');
    const generated = show({}, { firstAdmin: { email, generatedPassword: 'q83vEjRWeJCr' } });
    expect(generated).toMatch(/Password \(shown this once\): q83vEjRWeJCr$/m);
  });

  it('shows no secret of the configuration', () => {
    const text = show({
      ADMIN_EMAIL: 'root@example.com',
      ADMIN_PASSWORD: 'chosen by hand',
      JWT_ALG: 'HS256',
      JWT_SECRET: SECRET_KEY.toLowerCase(),
    });
    expect(text).not.toContain('chosen by hand');
    expect(text).not.toContain(SECRET_KEY);
    expect(text).not.toContain(SECRET_KEY.toLowerCase());
  });
});
