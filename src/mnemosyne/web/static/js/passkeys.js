// The ceremonies of WebAuthn Level 3, in its own JSON. Nothing secret of a passkey is sent.

/** Whether this browser can do what a passkey needs. */
export function available() {
  return (
    window.isSecureContext &&
    typeof PublicKeyCredential === "function" &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function"
  );
}

/** Make a passkey as `options` ask and return the answer for the node. */
export async function make(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return answerOf(await navigator.credentials.create({ publicKey }));
}

/** Have a passkey sign as `options` ask and return the answer for the node. */
export async function use(options, how = {}) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return answerOf(await navigator.credentials.get({ publicKey, ...how }));
}

function answerOf(credential) {
  const answer = credential.toJSON();
  // A secret that the passkey derives (PRF) opens things; it stays in the browser.
  if (answer.clientExtensionResults?.prf) delete answer.clientExtensionResults.prf.results;
  return answer;
}
