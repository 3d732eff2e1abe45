const JWKS = {
  keys: [
    {
      kty: 'EC',
      crv: 'P-256',
      x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
      y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
      kid: '2026-11',
    },
  ],
};

export const NEW_CLIENTS = {
  'calls others by itself': { name: 'Orders', scopes: ['orders:read'], audiences: ['api'] },
  'acts for those who call it': {
    name: 'Orders',
    grant_types: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    scopes: ['invoices:read'],
    served_audiences: ['api'],
    audiences: ['billing'],
  },
  'people sign in to it, on its server': {
    name: 'Portal',
    redirect_uris: ['https://portal.example.com/callback'],
    post_logout_redirect_uris: ['https://portal.example.com/'],
    backchannel_logout_uri: 'https://portal.example.com/backchannel-logout',
    first_party: true,
  },
  'people sign in to it, in a browser': {
    name: 'Web app',
    type: 'public',
    redirect_uris: ['https://app.example.com/callback'],
  },
  'proves who it is by a key': { name: 'Orders', scopes: ['orders:read'], jwks: JWKS },
};

export const CHANGED_CLIENTS = {
  'what it may ask for': { scopes: ['orders:read', 'orders:write'], token_ttl: 300 },
  'its keys': { jwks: JWKS },
  'disable it': { status: 'disabled' },
};

export const NEW_WORKLOAD_IDENTITIES = {
  'a CI service': {
    issuer: 'https://token.actions.githubusercontent.com',
    subject: 'repo:example/orders:ref:refs/heads/main',
  },
  'a cluster, with its keys': {
    issuer: 'https://kubernetes.default.svc.cluster.local',
    subject: 'system:serviceaccount:shop:orders',
    jwks: JWKS,
  },
};
