import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';

/** The pages that links lead to, by the last part of their address. `src/pages` has each of them. */
export type MailPage = 'recover' | 'verify' | 'confirm-email' | 'undo-email' | 'accept-invitation';

/**
 * Links in mail. They lead where the configuration says, never where a request came to. The token is in the fragment
 * unless `APP_URL` says otherwise: no server gets it, and no log or referrer.
 */
@Injectable()
export class MailLinks {
  private readonly pattern: string;

  constructor({ appUrl, publicUrl }: Config) {
    const base = appUrl ?? publicUrl;
    this.pattern = base.includes('{') ? base : `${base.replace(/\/$/, '')}/{page}#token={token}`;
  }

  to(page: MailPage, token: string): string {
    const values: Record<string, string> = { page, token };
    return this.pattern.replace(/\{(page|token)\}/g, (_, name: string) => encodeURIComponent(values[name]!));
  }
}
