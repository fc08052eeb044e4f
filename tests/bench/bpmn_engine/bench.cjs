// Instances per second of bpmn-engine on the diagram it is given: its state is saved to SQLite (WAL, synchronous=FULL)
// at every wait and at the end, nothing is loaded back. Usage: node bench.cjs DIAGRAM DATABASE SECONDS
'use strict';

const { EventEmitter } = require('node:events');
const { readFileSync } = require('node:fs');
const Database = require('better-sqlite3');
const { Engine } = require('bpmn-engine');

const [, , diagram, path, seconds] = process.argv;
const source = readFileSync(diagram, 'utf8');
const database = new Database(path);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec('CREATE TABLE IF NOT EXISTS instance (id INTEGER PRIMARY KEY, state TEXT NOT NULL)');
const save = database.prepare(
  'INSERT INTO instance (id, state) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state',
);

async function run(id) {
  const engine = new Engine({ name: 'small', source, variables: { amount: 60 } });
  const listener = new EventEmitter();
  const waits = [];
  let waiting = () => {};
  listener.on('wait', (task) => {
    waits.push(task);
    waiting();
  });
  const ended = engine.waitFor('end');
  await engine.execute({ listener });
  for (let left = 2; left > 0; left -= 1) {
    if (!waits.length) await new Promise((resolve) => (waiting = resolve));
    save.run(id, JSON.stringify(await engine.getState()));
    waits.shift().signal({ note: 'done' });
  }
  await ended;
  save.run(id, JSON.stringify(await engine.getState()));
}

async function main() {
  let count = 0;
  for (; count < 10; count += 1) await run(count + 1);
  const begun = process.hrtime.bigint();
  const first = count;
  const elapsed = () => Number(process.hrtime.bigint() - begun) / 1e9;
  while (elapsed() < Number(seconds)) {
    count += 1;
    await run(count);
  }
  const size = database.prepare('SELECT max(length(state)) AS size FROM instance').get().size;
  console.log(JSON.stringify({ instances_per_s: (count - first) / elapsed(), state_bytes: size }));
}

main();
