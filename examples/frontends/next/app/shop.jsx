'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';

async function call(path, body) {
  const response = await fetch(path, {
    method: 'POST',
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.ok) return;
  const problem = await response.json().catch(() => ({ title: response.statusText }));
  throw new Error(problem.code ?? problem.title);
}

/** The page of whoever is signed in. What the server knows of them is asked again after each change (`refresh`). */
export function Shop({ email }) {
  const router = useRouter();
  const [message, setMessage] = useState('');
  const tell = (error) => setMessage(error.message);

  async function enter(event) {
    event.preventDefault();
    const { email: address, password } = Object.fromEntries(new FormData(event.target));
    setMessage('');
    await call('/auth/login', { email: address, password, transport: 'cookie' }).then(() => router.refresh(), tell);
  }
  const buy = () => call('/api/orders', { item: 1 }).then(() => setMessage('ordered'), tell);
  const leave = () => call('/auth/logout').then(() => router.refresh(), tell);

  return (
    <main>
      {email ? (
        <>
          <p id="me">{email}</p>
          <button id="order" onClick={buy}>
            Order
          </button>
          <button id="sign-out" onClick={leave}>
            Sign out
          </button>
        </>
      ) : (
        <form id="sign-in" onSubmit={enter}>
          <input name="email" type="email" autoComplete="username" />
          <input name="password" type="password" autoComplete="current-password" />
          <button>Sign in</button>
        </form>
      )}
      <output>{message}</output>
    </main>
  );
}
