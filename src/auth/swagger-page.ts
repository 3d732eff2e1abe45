import type { Config } from '../platform/config/config.js';
import { EXAMPLE_REFRESH_TOKEN } from './auth.dto.js';

/** Returns the options with which Swagger UI signs itself in by the answers that it shows. */
export const swaggerOptionsOf = ({ environment }: Config) => ({
  // Whether a reload of the page keeps its tokens, in the storage of the browser's tab.
  keepsTokens: environment === 'development',
  // The page sends its own refresh token in the place of this one.
  exampleRefreshToken: EXAMPLE_REFRESH_TOKEN,
  plugins: [withoutCookie],
  requestInterceptor: fillRefreshToken,
  responseInterceptor: followSession,
  onComplete: openPage,
});

// Functions that run in the page of Swagger UI. The browser gets their source text, so they use nothing from here and
// define no functions inside, which the bundler would wrap.

/** The object that Swagger UI passes to the functions below, as far as they use it. */
interface Page {
  ui?: {
    preauthorizeApiKey(scheme: string, value: string): void;
    authActions: { logout(schemes: string[]): void };
    layoutActions: { show(what: string[], shown: boolean): void };
    getConfigs(): { keepsTokens: boolean; exampleRefreshToken: string };
  };
  sessionStorage: Tokens;
  countersign?: Tokens;
}
interface Tokens {
  access_token?: string;
  refresh_token?: string;
}

/**
 * Signs the page in by the answer to a login or refresh, and out by that to a logout. The tokens outlive a reload of the
 * page where the configuration says so, else they are in its memory alone.
 */
function followSession(response: { ok: boolean; url: string; obj?: Tokens }) {
  const page = globalThis as unknown as Page;
  const route = response.ok && /\/auth\/(login|refresh|logout)(?=$|\?)/.exec(response.url)?.[1];
  const { access_token, refresh_token } = response.obj ?? {};
  if (!route || !page.ui) return response;
  const kept = page.ui.getConfigs().keepsTokens ? page.sessionStorage : (page.countersign ??= {});
  if (route === 'logout') {
    delete kept.access_token;
    delete kept.refresh_token;
    page.ui.authActions.logout(['bearer']);
  } else if (access_token && refresh_token) {
    kept.access_token = access_token;
    kept.refresh_token = refresh_token;
    page.ui.preauthorizeApiKey('bearer', access_token);
  }
  return response;
}

/** Sends the refresh token of the last answer in the place of the example. */
function fillRefreshToken(request: { url: string; body?: unknown }) {
  const { ui, sessionStorage, countersign } = globalThis as unknown as Page;
  if (!ui || typeof request.body !== 'string' || !/\/auth\/(refresh|logout)(?=$|\?)/.test(request.url)) return request;
  const { keepsTokens, exampleRefreshToken } = ui.getConfigs();
  const token = (keepsTokens ? sessionStorage : countersign)?.refresh_token;
  if (token) request.body = request.body.replace(exampleRefreshToken, token);
  return request;
}

/** Opens the first group, and signs the page in again after a reload. */
function openPage() {
  const { ui, sessionStorage } = globalThis as unknown as Page;
  // Swagger UI itself opens the operation that a link leads to.
  if ((globalThis as unknown as { location: { hash: string } }).location.hash === '')
    ui?.layoutActions.show(['operations-tag', 'Sign-in'], true);
  if (ui?.getConfigs().keepsTokens && sessionStorage.access_token)
    ui.preauthorizeApiKey('bearer', sessionStorage.access_token);
}

/** A Swagger UI plugin that removes the cookie from the dialog "Authorize", because no page may set one by hand. */
function withoutCookie() {
  return {
    statePlugins: {
      auth: {
        wrapSelectors: {
          definitionsToAuthorize: (original: (...given: unknown[]) => Definitions) => () =>
            original().filter((definition) => !definition.has('cookie')),
        },
      },
    },
  };
}
interface Definitions {
  filter(keeps: (definition: { has(name: string): boolean }) => boolean): Definitions;
}
