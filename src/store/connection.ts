/**
 * One SQLite connection: statements are prepared once per text, and Kysely and our fixed SQL run through the same cache.
 *
 * The functions are asynchronous although `node:sqlite` is not: another database is then another driver and not a rewrite.
 *
 * @module
 */

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import {
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { FlowctlError } from "../support/errors.ts";
import type { Tables } from "./tables.ts";

/** What may be bound to a `?`. Booleans become 0 and 1, undefined becomes NULL. */
export type Bindable = string | number | bigint | boolean | null | undefined | Uint8Array;

/** The most statements that are kept; filters make many texts. */
const MOST_STATEMENTS = 500;

interface Prepared {
  statement: StatementSync;
  reads: boolean;
}

/** See the module's comment. */
export class Connection {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, Prepared>();
  /** False outside of a write on the writing connection: a query that somebody forgot to await must not run in another's savepoint. */
  open = true;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Runs a statement and answers its rows (none for one that does not read) and how many rows it changed. */
  execute(sql: string, values: readonly Bindable[]): { rows: unknown[]; changes: number } {
    if (!this.open) {
      throw new FlowctlError("internal", "Cannot use the writing connection: no write is under way");
    }
    const { statement, reads } = this.#prepare(sql);
    const bound = values.map(bindable);
    if (reads) return { rows: statement.all(...bound), changes: 0 };
    return { rows: [], changes: Number(statement.run(...bound).changes) };
  }

  /** Statements that control transactions; they are not guarded by `open`. */
  control(sql: string): void {
    this.#prepare(sql).statement.run();
  }

  /** The value of a pragma that answers one number. */
  pragma(name: string): number {
    return Number(Object.values(this.#prepare(`PRAGMA ${name}`).statement.get() ?? {})[0]);
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #prepare(sql: string): Prepared {
    const known = this.#statements.get(sql);
    if (known) return known;
    if (this.#statements.size >= MOST_STATEMENTS) {
      this.#statements.delete(this.#statements.keys().next().value!);
    }
    const statement = this.#db.prepare(sql);
    const prepared = { statement, reads: statement.columns().length > 0 };
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

const bindable = (value: Bindable): SQLInputValue => {
  if (value === undefined) return null;
  return typeof value === "boolean" ? Number(value) : value;
};

class ConnectionDriver implements Driver {
  readonly #connection: DatabaseConnection;

  constructor(connection: Connection) {
    this.#connection = {
      executeQuery<R>({ sql, parameters }: { sql: string; parameters: readonly unknown[] }): Promise<QueryResult<R>> {
        try {
          const { rows, changes } = connection.execute(sql, parameters as Bindable[]);
          return Promise.resolve({ rows: rows as R[], numAffectedRows: BigInt(changes) });
        } catch (error) {
          return Promise.reject(error);
        }
      },
      streamQuery() {
        throw new FlowctlError("internal", "Cannot stream a query: pages are read instead");
      },
    };
  }

  init = () => Promise.resolve();
  // One connection and no lock: the writer runs one closure after the other, and readers do not hold transactions.
  acquireConnection = () => Promise.resolve(this.#connection);
  releaseConnection = () => Promise.resolve();
  destroy = () => Promise.resolve();
  beginTransaction = () => Promise.reject(new FlowctlError("internal", "Cannot begin a transaction: use store.write"));
  commitTransaction = () => Promise.resolve();
  rollbackTransaction = () => Promise.resolve();
}

const connections = new WeakMap<object, Connection>();

/** Kysely over a connection. */
export function kyselyOver(connection: Connection): Kysely<Tables> {
  const dialect: Dialect = {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new ConnectionDriver(connection),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  const kysely = new Kysely<Tables>({ dialect });
  connections.set(kysely, connection);
  return kysely;
}

const connectionOf = (db: Kysely<Tables>): Connection => {
  const connection = connections.get(db);
  if (!connection) throw new FlowctlError("internal", "Cannot run fixed SQL: this is no connection of the store");
  return connection;
};

/** Fixed SQL: all rows. Hot statements go this way, because building and compiling a query costs more than running it. */
// deno-lint-ignore require-await -- see the module's comment
export async function queryAll<Row>(db: Kysely<Tables>, sql: string, values: readonly Bindable[]): Promise<Row[]> {
  return connectionOf(db).execute(sql, values).rows as Row[];
}

/** Fixed SQL: the first row. */
export async function queryOne<Row>(
  db: Kysely<Tables>,
  sql: string,
  values: readonly Bindable[],
): Promise<Row | undefined> {
  return (await queryAll<Row>(db, sql, values))[0];
}

/** Fixed SQL that answers nothing; returns how many rows it changed. */
// deno-lint-ignore require-await -- see the module's comment
export async function run(db: Kysely<Tables>, sql: string, values: readonly Bindable[]): Promise<number> {
  return connectionOf(db).execute(sql, values).changes;
}
