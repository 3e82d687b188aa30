// Builds mails with Nodemailer and says what CPU time that took: one job per line of JSON in, one answer per line out.

import { createInterface } from "node:readline";
import MailComposer from "nodemailer/lib/mail-composer";

const mails = new Map();

const commands = {
  async load({ mail, warm_up_ms }) {
    const attachments = mail.attachments.map((file) => withoutNull({ ...file, content: Buffer.from(file.content, "base64") }));
    const id = String(mails.size);
    mails.set(id, withoutNull({ ...mail, attachments }));
    for (const start = performance.now(); performance.now() - start < warm_up_ms; ) await build(mails.get(id));
    return id;
  },

  async build({ id }) {
    return (await build(mails.get(id))).toString("base64");
  },

  async time({ id, loops }) {
    const mail = mails.get(id);
    // No collection before it, other than in Python: asked for by hand, it throws compiled code away too.
    const start = process.cpuUsage();
    for (let done = 0; done < loops; done++) await build(mail);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  },
};

// Copies, since the composer may write into what it is given.
function build(mail) {
  const attachments = mail.attachments.map((file) => ({ ...file }));
  return new MailComposer({ ...mail, attachments }).compile().build();
}

function withoutNull(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...job } = JSON.parse(line);
  console.log(JSON.stringify(await commands[command](job)));
}
