// Starts the node that is tested: `liuhen demo` on a directory of its own, or one that runs already.

import { spawn } from "node:child_process";

/**
 * Who signs in, from the accounts that the demo prints: first an officer, then a supervisor and a unit head of his, the
 * administrator last. `named` is the unit head, whom the records of the tests name; `search` finds him on the roster.
 * The others have their role as their account.
 */
function cast(accounts) {
  const [officer, supervisor, named] = accounts;
  return { officer, supervisor, named: { ...named, search: named.name }, inspector: accounts.find((a) => a.account === "inspector"), admin: accounts.at(-1) };
}

/** A JSON object that is printed to a stream that then stays open: it ends where it can be parsed. */
function firstObject(child) {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      try {
        resolve(JSON.parse(text));
      } catch {
        // Not whole yet.
      }
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`liuhen demo ended with ${code}: ${text}`)));
  });
}

export async function startDemo(root) {
  if (process.env.LIUHEN_URL) {
    const accounts = cast(JSON.parse(process.env.LIUHEN_ACCOUNTS));
    return { url: process.env.LIUHEN_URL, accounts, stop: async () => {} };
  }
  const program = process.env.LIUHEN ?? `${root}target/debug/liuhen`;
  const child = spawn(program, ["demo", "--json", "--no-open", "--port", "0", "--cases", "60"], { stdio: ["ignore", "pipe", "inherit"] });
  const ready = await firstObject(child);
  return {
    url: ready.url,
    accounts: cast(ready.accounts),
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
    },
  };
}
