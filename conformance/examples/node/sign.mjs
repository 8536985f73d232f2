// A signer with @noble/curves, as the signer exam asks for it (docs/signer-exam.md): a JSON object in, one out, in
// a line each.

import { createInterface } from "node:readline";
import { secp256k1 } from "@noble/curves/secp256k1.js";

const bytes = (field, text) => {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new Error(`${field} has to be 32 bytes, as 64 hex digits`);
  return Uint8Array.from(Buffer.from(text, "hex"));
};
const hex = (octets) => Buffer.from(octets).toString("hex");

const operations = {
  hello: () => ({ version: 1, name: "node-noble", claims: ["deterministic"] }),
  public_key: ({ private_key }) => ({
    public_key: hex(secp256k1.getPublicKey(bytes("private_key", private_key), true)),
  }),
  // The digest is signed as it is (prehash: false); s is at most n/2; the nonce is that of RFC 6979.
  sign_digest: ({ private_key, digest }) => ({
    signature: hex(
      secp256k1.sign(bytes("digest", digest), bytes("private_key", private_key), { prehash: false, lowS: true }),
    ),
  }),
};

const answer = (request) => {
  try {
    if (!Object.hasOwn(operations, request.op)) throw new Error(`there is no op ${request.op}`);
    return operations[request.op](request);
  } catch (error) {
    return { error: error.message };
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id: request.id, ...answer(request) })}\n`);
}
