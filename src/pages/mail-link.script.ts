/**
 * The script of the pages that links in mail lead to: it sends the token, which is in the fragment that no server gets, when a
 * person presses the button, and never before. So no scanner of mails uses a link up.
 */
export const SCRIPT = `'use strict';
const form = document.querySelector('form');
const button = form.querySelector('button');
const parameters = new URLSearchParams(location.hash.slice(1) || location.search);
const token = parameters.get('token');

function show(outcome) {
  for (const element of document.querySelectorAll('[data-outcome]')) {
    element.hidden = element.dataset.outcome !== outcome;
    if (!element.hidden) element.focus();
  }
  if (outcome === 'link' || outcome === 'done') {
    form.hidden = true;
    history.replaceState(null, '', location.pathname);
  }
}

function outcomeOf(status, code) {
  if (status < 300) return 'done';
  if (String(code).startsWith('link_')) return 'link';
  if (status === 429) return 'wait';
  if (code === 'wrong_password') return 'wrong';
  return code === 'invalid_request' ? 'refused' : 'failed';
}

async function send(body) {
  try {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(form.dataset.endpoint, { method: 'POST', headers, body: JSON.stringify(body) });
    const problem = answer.ok ? {} : await answer.json();
    return outcomeOf(answer.status, problem.code);
  } catch {
    return 'failed';
  }
}

// Where the password is not known, the same field takes a new one.
const replace = form.elements.namedItem('replace');
const hint = form.querySelector('[data-with]');
replace?.addEventListener('change', () => {
  hint.hidden = !replace.checked;
  form.elements.namedItem('password').autocomplete = replace.checked ? 'new-password' : 'current-password';
});

function bodyOf({ replace, password, ...others }) {
  if (password === undefined) return { token, ...others };
  return { token, ...others, [replace ? 'new_password' : 'password']: password };
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  show(null);
  show(await send(bodyOf(Object.fromEntries(new FormData(form)))));
  button.disabled = false;
});
if (!token) show('link');
`;
