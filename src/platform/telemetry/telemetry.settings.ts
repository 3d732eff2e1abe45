import { integer, text } from '../config/setting.js';
import { section } from '../config/settings.js';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const SHORTEST_TOKEN = 16;

export const TELEMETRY_SETTINGS = section(
  {
    metricsPort: integer(
      'METRICS_PORT',
      { min: 1, max: 65_535 },
      {
        doc: 'The TCP port of `/metrics` for Prometheus. Unset: none, nothing is counted, and no code of it is loaded.',
      },
    ),
    metricsHost: text('METRICS_HOST', {
      fallback: '127.0.0.1',
      doc: 'The address of `METRICS_PORT`, which is plain HTTP. Others than loopback need `METRICS_TOKEN`.',
    }),
    metricsToken: text('METRICS_TOKEN', {
      secret: true,
      doc: 'The bearer token that Prometheus sends, of 16 characters or more. Unset: none is asked for.',
    }),
  },
  {
    contradictions({ metricsPort, metricsHost, metricsToken }) {
      if (metricsToken && metricsToken.length < SHORTEST_TOKEN)
        return [`METRICS_TOKEN must have ${SHORTEST_TOKEN} characters or more`];
      return metricsPort && !metricsToken && !LOOPBACK.has(metricsHost ?? '')
        ? ['METRICS_TOKEN is required with a METRICS_HOST that others can reach: set it, or METRICS_HOST=127.0.0.1']
        : [];
    },
  },
);
