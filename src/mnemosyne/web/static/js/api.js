// Requests to the node, as JSON. What asks for a passkey once more gets it, and is sent again.

import { Refusal } from "./problems.js";
import { confirm } from "./step-up.js";

/** Send a request and return the answer's JSON, null for none. Throws a Refusal. */
export async function call(method, path, body, deed) {
  const answer = await confirmed(method, path, body, deed);
  return answer.status === 204 ? null : answer.json();
}

/** Send a request and return the bytes of its answer. Throws a Refusal. */
export async function fetched(method, path, body, deed) {
  const answer = await confirmed(method, path, body, deed);
  return answer.blob();
}

async function confirmed(method, path, body, deed) {
  try {
    return await send(method, path, body);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "step-up-required") throw error;
    const secret = await confirm(actionOf(method, path, body), deed, sendJson);
    return send(method, path, body, { "Step-Up": secret });
  }
}

/** The request as what a passkey confirms: nothing else can be done with that. */
function actionOf(method, path, body) {
  const { pathname, searchParams } = new URL(path, location.origin);
  const query = {};
  for (const name of searchParams.keys()) query[name] = searchParams.getAll(name);
  return { method, path: pathname, query, body: body ?? null };
}

async function sendJson(method, path, body) {
  return (await send(method, path, body)).json();
}

async function send(method, path, body, headers = {}) {
  const sent = { Accept: "application/json, */*;q=0.5", ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const answer = await fetch(path, {
    method,
    headers: sent,
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
    redirect: "error",
    cache: "no-store",
  });
  if (!answer.ok) throw new Refusal(await problemOf(answer));
  return answer;
}

async function problemOf(answer) {
  if (answer.headers.get("Content-Type")?.startsWith("application/problem+json")) {
    return answer.json();
  }
  return { code: "unknown", title: `The node answered ${answer.status}.` };
}
