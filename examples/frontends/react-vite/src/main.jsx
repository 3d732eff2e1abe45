import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { order, signIn, signOut, whoIsThere } from './session.js';

function Shop() {
  const [me, setMe] = useState(null);
  const [message, setMessage] = useState('');
  const tell = (error) => setMessage(error.code ?? error.message);
  // Another tab may have signed out: whoever comes back to this one, looks again.
  useEffect(() => {
    const look = () => void whoIsThere().then(setMe, tell);
    look();
    window.addEventListener('focus', look);
    return () => window.removeEventListener('focus', look);
  }, []);

  async function enter(event) {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(event.target));
    setMessage('');
    await signIn(email, password).then(whoIsThere).then(setMe, tell);
  }
  const buy = () => order(1).then(() => setMessage('ordered'), tell);
  const leave = () => signOut().then(() => setMe(null), tell);

  return (
    <main>
      {me ? (
        <>
          <p id="me">{me.email}</p>
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

createRoot(document.querySelector('#root')).render(
  <StrictMode>
    <Shop />
  </StrictMode>,
);
