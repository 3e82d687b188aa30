// Reads a JSON list of base64 messages from stdin. Writes, for each parser, what it made of each message, in one shape.

import { text as textOf } from "node:stream/consumers";

import { simpleParser } from "mailparser";
import PostalMime, { decodeWords } from "postal-mime";

const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const mailbox = ({ name, address }) => ({ name: name ?? "", address: address ?? "" });
const isOwnHeader = ([key]) => /^x-(?!priority$)/.test(key);

async function postalMime(raw) {
  const mail = await PostalMime.parse(raw, { forceRfc822Attachments: true });
  const headers = mail.headers.map(({ key, value }) => [key, decodeWords(value)]);
  return {
    subject: mail.subject ?? "",
    from: [mail.from ?? []].flat().map(mailbox),
    to: (mail.to ?? []).map(mailbox),
    cc: (mail.cc ?? []).map(mailbox),
    bcc: (mail.bcc ?? []).map(mailbox),
    replyTo: (mail.replyTo ?? []).map(mailbox),
    messageId: mail.messageId ?? "",
    date: mail.date ?? "",
    inReplyTo: mail.inReplyTo ?? "",
    references: (mail.references ?? "").split(" ").filter(Boolean),
    unsubscribe: headers.filter(([key]) => key === "list-unsubscribe").map(([, value]) => value).join(),
    headers: headers.filter(isOwnHeader),
    text: mail.text ?? "",
    html: mail.html ?? "",
    attachments: mail.attachments.map((file) => ({
      filename: file.filename ?? "",
      contentType: file.mimeType,
      disposition: file.disposition ?? "",
      contentId: file.contentId ?? "",
      content: base64(file.content),
    })),
  };
}

async function mailparser(raw) {
  // Without these it makes text out of HTML, links out of words, and data URLs out of content ids.
  const options = { skipHtmlToText: true, skipTextToHtml: true, skipTextLinks: true, keepCidLinks: true };
  const mail = await simpleParser(raw, options);
  const { url, mail: address } = mail.headers.get("list")?.unsubscribe ?? {};
  return {
    subject: mail.subject ?? "",
    from: (mail.from?.value ?? []).map(mailbox),
    to: (mail.to?.value ?? []).map(mailbox),
    cc: (mail.cc?.value ?? []).map(mailbox),
    bcc: (mail.bcc?.value ?? []).map(mailbox),
    replyTo: (mail.replyTo?.value ?? []).map(mailbox),
    messageId: mail.messageId ?? "",
    date: mail.date?.toISOString() ?? "",
    inReplyTo: mail.inReplyTo ?? "",
    references: [mail.references ?? []].flat(),
    unsubscribe: [url, address && `mailto:${address}`].filter(Boolean).map((way) => `<${way}>`).join(", "),
    headers: [...mail.headers].filter(isOwnHeader).flatMap(([key, value]) => [value].flat().map((one) => [key, one])),
    text: mail.text ?? "",
    html: mail.html || "",
    attachments: mail.attachments.map((file) => ({
      filename: file.filename ?? "",
      contentType: file.contentType,
      disposition: file.contentDisposition ?? "",
      contentId: file.contentId ?? "",
      content: base64(file.content),
    })),
  };
}

const messages = JSON.parse(await textOf(process.stdin)).map((message) => Buffer.from(message, "base64"));
const readings = {};
for (const reader of [postalMime, mailparser]) {
  readings[reader.name] = await Promise.all(messages.map(reader));
}
process.stdout.write(JSON.stringify(readings));
