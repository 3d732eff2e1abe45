import { provideHttpClient } from '@angular/common/http';
import { Component, inject, signal } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { firstValueFrom } from 'rxjs';
import { codeOf, Session } from './session';

@Component({
  selector: 'app-shop',
  host: { '(window:focus)': 'attempt(session.look())' },
  template: `
    @if (session.me(); as me) {
      <p id="me">{{ me.email }}</p>
      <button id="order" (click)="buy()">Order</button>
      <button id="sign-out" (click)="attempt(session.signOut())">Sign out</button>
    } @else {
      <form id="sign-in" (submit)="enter($event, email.value, password.value)">
        <input #email name="email" type="email" autocomplete="username" />
        <input #password name="password" type="password" autocomplete="current-password" />
        <button>Sign in</button>
      </form>
    }
    <output>{{ message() }}</output>
  `,
})
class Shop {
  protected readonly session = inject(Session);
  protected readonly message = signal('');

  constructor() {
    this.attempt(this.session.look());
  }

  protected enter(event: Event, email: string, password: string): void {
    event.preventDefault();
    this.attempt(this.session.signIn(email, password));
  }

  protected buy(): void {
    this.attempt(firstValueFrom(this.session.order(1)).then(() => this.message.set('ordered')));
  }

  protected attempt(work: Promise<unknown>): void {
    void work.catch((error: unknown) => this.message.set(codeOf(error)));
  }
}

void bootstrapApplication(Shop, { providers: [provideHttpClient()] });
