// Renders templates with handlebars.js: a line of JSON in, [template, data], a line out: {text}, {missing} or {error}.
//
// What SES makes of it is set up here. Nothing is escaped; `noEscape` is not used for that, since with it two numbers
// side by side are added. A name that is not in the data and is printed is a failure; null is not one.

import { createInterface } from "node:readline";

import Handlebars from "handlebars";

class Missing extends Error {}

// Every substitution goes through here, however many braces it has.
Handlebars.Utils.escapeExpression = (value) => {
  if (value === undefined) throw new Missing();
  return value === null ? "" : `${value}`;
};
Handlebars.Compiler.prototype.MustacheStatement = function (mustache) {
  this.SubExpression(mustache);
  this.opcode("appendEscaped");
};
Handlebars.registerHelper("log", () => ""); // its own writes to stdout, which is for the answer
// Called for names that are missing or null, and for helpers that do not exist.
Handlebars.registerHelper("helperMissing", function (...args) {
  const { name } = args.at(-1);
  if (args.length > 1) throw new Error(`no helper ${name}`);
  return this !== null && typeof this === "object" && Object.hasOwn(this, name) ? null : undefined;
});

const resultOf = ([template, data]) => {
  try {
    return { text: Handlebars.compile(template)(data) };
  } catch (error) {
    return error instanceof Missing ? { missing: true } : { error: `${error.message}` };
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(resultOf(JSON.parse(line)))}\n`);
}
