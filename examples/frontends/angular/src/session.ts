import { HttpClient, HttpErrorResponse } from '@angular/common/http';
import { Injectable, inject, signal } from '@angular/core';
import { firstValueFrom, type Observable } from 'rxjs';

/** What `code` a refusal has (RFC 9457), or what else went wrong. */
export const codeOf = (error: unknown): string =>
  error instanceof HttpErrorResponse
    ? ((error.error as { code?: string } | null)?.code ?? error.message)
    : String(error);

/** The session is in a cookie that no script can read, so there is nothing to keep and nothing to refresh here. */
@Injectable({ providedIn: 'root' })
export class Session {
  private readonly http = inject(HttpClient);
  /** Who is signed in; null where nobody is. */
  readonly me = signal<{ email: string } | null>(null);

  async look(): Promise<void> {
    try {
      this.me.set(await firstValueFrom(this.http.get<{ email: string }>('/auth/me')));
    } catch (error) {
      if (!(error instanceof HttpErrorResponse) || error.status !== 401) throw error;
      this.me.set(null);
    }
  }

  async signIn(email: string, password: string): Promise<void> {
    await firstValueFrom(this.http.post('/auth/login', { email, password, transport: 'cookie' }));
    await this.look();
  }

  async signOut(): Promise<void> {
    await firstValueFrom(this.http.post('/auth/logout', null));
    this.me.set(null);
  }

  order(item: number): Observable<unknown> {
    return this.http.post('/api/orders', { item });
  }
}
