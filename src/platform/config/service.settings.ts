import { guessableFault, isGuessable } from './guessable-key.js';
import { choice, duration, integer, key, origin, text } from './setting.js';
import { section } from './settings.js';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export const SERVICE_SETTINGS = section(
  {
    environment: choice('NODE_ENV', ['development', 'test', 'production'], {
      fallback: 'development',
      doc: '`production` refuses development values and hides Swagger UI.',
    }),
    host: text('HOST', { fallback: '127.0.0.1', doc: 'The address to listen on. A container wants `0.0.0.0`.' }),
    port: integer(
      'PORT',
      { min: 0, max: 65_535 },
      { fallback: '3000', doc: 'The TCP port to listen on; 0 takes a free one.' },
    ),
    publicUrl: origin('PUBLIC_URL', {
      doc: 'The URL under which callers reach the service: the issuer (`iss`) of every token, and the start of all links. Unset: `http://localhost:PORT`.',
    }),
    secretKey: key('SECRET_KEY', {
      doc: 'The secret from which all keys at rest are derived. Unset in development: generated once into `DATA_DIR`.',
    }),
    dataDirectory: text('DATA_DIR', {
      fallback: '.data',
      doc: 'Where the embedded database and generated development secrets live.',
    }),
    shutdownGrace: duration(
      'SHUTDOWN_GRACE',
      { min: '1s', max: '300s' },
      {
        fallback: '20s',
        doc: 'How long requests may finish after SIGTERM.',
      },
    ),
  },
  {
    inProduction({ secretKey, publicUrl }) {
      const faults: string[] = [];
      if (secretKey === null) faults.push('SECRET_KEY is required in production; `openssl rand -base64 32` makes one');
      if (secretKey && isGuessable(secretKey)) faults.push(guessableFault('SECRET_KEY'));
      if (publicUrl === null)
        faults.push(
          'PUBLIC_URL is required in production: set it to the https URL under which callers reach the service',
        );
      const url = publicUrl ? new URL(publicUrl) : null;
      if (url?.protocol === 'http:' && !LOOPBACK.test(url.hostname))
        faults.push('PUBLIC_URL must be https in production');
      return faults;
    },
  },
);
