import { attackVerifier } from '../support/attack-verifier.js';
import { startEnvoy } from './start-envoy.js';

attackVerifier('Envoy, verifying tokens by itself,', startEnvoy('jwt-authn.yaml'), {
  refuses: /^Connection:/,
  exactScheme: true,
});
