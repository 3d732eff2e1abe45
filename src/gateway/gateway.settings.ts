import { integer, origin, text } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

export const GATEWAY_SETTINGS = section({
  signInUrl: origin('SIGN_IN_URL', {
    doc: 'The page that a gateway sends browsers to that are not signed in, with `on_denied=redirect`. Unset: they get 401.',
  }),
  extAuthzPort: integer(
    'EXT_AUTHZ_PORT',
    { min: 1, max: 65_535 },
    {
      doc: 'The TCP port on which Envoy may ask for verdicts by gRPC (`ext_authz`). Unset: none, and nothing of gRPC is loaded.',
    },
  ),
  extAuthzHost: text('EXT_AUTHZ_HOST', {
    fallback: '127.0.0.1',
    doc: 'The address of `EXT_AUTHZ_PORT`, which speaks plain text: loopback, a mesh, or a network of its own.',
  }),
});
