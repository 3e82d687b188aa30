// Does the calls of a JSON list with nodemailer's SMTP transport: [options, what, input] each. Writes what came of each.
// Where the box is, and whom it trusts, the environment says. Options are laid over what it says.

import { readFileSync } from "node:fs";
import { text as textOf } from "node:stream/consumers";

import { createTransport } from "nodemailer";

const { SES_SMTP_HOST, SES_SMTP_PORT, SES_SMTP_TLS_PORT, SES_SMTP_USER, SES_SMTP_PASSWORD, SES_SMTP_CA_FILE } = process.env;
const ca = readFileSync(SES_SMTP_CA_FILE);

const optionsFor = ({ secure = false, ...given }) => ({
  host: SES_SMTP_HOST,
  port: Number(secure ? SES_SMTP_TLS_PORT : SES_SMTP_PORT),
  secure,
  requireTLS: !secure,
  auth: { user: SES_SMTP_USER, pass: SES_SMTP_PASSWORD },
  tls: { ca, servername: "localhost" },
  ...given,
});

async function resultOf([options, what, input]) {
  const mailer = createTransport(optionsFor(options));
  try {
    if (!Array.isArray(input)) return (await mailer[what](input ?? undefined)) ?? null;
    return await Promise.all(input.map((one) => mailer[what](one)));
  } catch ({ code, command, response, responseCode, message }) {
    return { error: { code, command, response, responseCode, message } };
  } finally {
    mailer.close();
  }
}

const results = [];
for (const asked of JSON.parse(await textOf(process.stdin))) results.push(await resultOf(asked));
process.stdout.write(JSON.stringify(results));
