// Signs in, calls a service twice at once with a token that is over, signs out: node main.mjs alice@example.com 'password'
import { Session, SignedOut } from './session.mjs';

const { COUNTERSIGN = 'http://localhost:3000', SERVICE = 'http://localhost:4000' } = process.env;
const [email, password] = process.argv.slice(2);
let stored = null;
const store = { read: async () => stored, write: async (token) => void (stored = token) };

await new Session(COUNTERSIGN, store).signIn(email, password);
// The app was closed and is opened again: it has the refresh token, and nothing else.
const session = new Session(COUNTERSIGN, store);
const answers = await Promise.all([1, 2, 3].map(() => session.fetch(`${SERVICE}/orders`)));
console.log(answers.map(({ status }) => status).join(' '));
await session.signOut();
await session
  .fetch(`${SERVICE}/orders`)
  .catch((error) => console.log(error instanceof SignedOut ? 'signed out' : error));
