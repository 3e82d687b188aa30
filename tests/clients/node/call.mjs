// Does the calls of a JSON list, one after the other: [who, what, input] each. Writes what came of each.
// Bytes are {"$base64": "..."}, a point in time is {"$date": "..."}. Where the box is, the environment says.

import { text as textOf } from "node:stream/consumers";

import * as v1 from "@aws-sdk/client-ses";
import * as v2 from "@aws-sdk/client-sesv2";
import { createTransport } from "nodemailer";

const options = { maxAttempts: 1 };
const ses = new v1.SESClient(options);
const sesv2 = new v2.SESv2Client(options);
const mailer = createTransport({ SES: { sesClient: sesv2, SendEmailCommand: v2.SendEmailCommand } });

const collected = async (pages) => {
  const all = [];
  for await (const { $metadata, ...page } of pages) all.push(page);
  return all;
};

const doers = {
  ses: (what, input) => ses.send(new v1[`${what}Command`](input)),
  sesv2: (what, input) => sesv2.send(new v2[`${what}Command`](input)),
  sesPages: (what, { pageSize, ...input }) => collected(v1[`paginate${what}`]({ client: ses, pageSize }, input)),
  sesv2Pages: (what, { pageSize, ...input }) => collected(v2[`paginate${what}`]({ client: sesv2, pageSize }, input)),
  sesWaiter: (what, input) => v1[`waitUntil${what}`]({ client: ses, maxWaitTime: 10, minDelay: 1 }, input),
  nodemailer: (what, input) => mailer[what](input ?? undefined),
};

const revived = (_, value) => {
  if (value?.$base64 !== undefined) return Buffer.from(value.$base64, "base64");
  return value?.$date === undefined ? value : new Date(value.$date);
};

async function resultOf([who, what, input]) {
  try {
    return (await doers[who](what, input)) ?? null;
  } catch (error) {
    const { name, message, code, $fault, $metadata, ConfigurationSetName } = error;
    const known = [v1, v2].some((sdk) => sdk[name] && error instanceof sdk[name]);
    return { error: { name, message, code, $fault, known, status: $metadata?.httpStatusCode, ConfigurationSetName } };
  }
}

const results = [];
for (const asked of JSON.parse(await textOf(process.stdin), revived)) results.push(await resultOf(asked));
process.stdout.write(JSON.stringify(results));
