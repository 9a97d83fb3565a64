// Talks to the program that serves this page, and to nothing else.

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function refusal(response) {
  let text = `the inspector answered ${response.status}`;
  try {
    const { error } = await response.json();
    if (typeof error === 'string' && error !== '') text = error;
  } catch {
    // Not JSON: the status says enough.
  }
  return new Refused(response.status, text);
}

async function ask(path, options) {
  try {
    return await fetch(path, { credentials: 'same-origin', redirect: 'error', ...options });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused(0, 'The inspector does not respond. Is the program still running?');
  }
}

export async function get(path, signal) {
  const response = await ask(path, { signal });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

const posted = (method, body, signal) => ({
  method,
  signal,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

export async function send(method, path, body) {
  const response = await ask(path, posted(method, body));
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/** Calls `each` with every line of an answer in JSON Lines, as it arrives. */
export async function lines(path, body, each, signal) {
  const response = await ask(path, posted('POST', body, signal));
  if (!response.ok) throw await refusal(response);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let ended = false;
  const take = (line) => {
    if (line.trim() === '') return;
    const value = JSON.parse(line);
    if (value.error !== undefined) throw new Refused(200, String(value.error));
    ended ||= value.done !== undefined;
    each(value);
  };
  for (;;) {
    let part;
    try {
      part = await reader.read();
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      break;
    }
    if (part.done) break;
    const all = (rest + part.value).split('\n');
    rest = all.pop();
    all.forEach(take);
  }
  take(rest);
  if (!ended) throw new Refused(0, 'The connection ended before the result was complete.');
}
