/** For the tests of definitions: what a table shows of an object. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell, ResourceDefinition } from './contract.ts';
import { cellsOf } from './core/test-support.ts';

/** Plural, object, the names of the columns without blanks and with `|` before the wide ones, and the cells. */
export type Row = readonly [plural: string, object: object, header: string, cells: readonly Cell[]];

/** One test for each row. Only the column Name has the format `name`, and one other that upstream gives it too. */
export function testRows(definitions: readonly ResourceDefinition[], rows: readonly Row[]): void {
  for (const [plural, object, header, cells] of rows) {
    test(`the row of ${plural} ${JSON.stringify(object).slice(0, 60)}`, () => {
      const definition = definitions.find((candidate) => candidate.plural === plural);
      assert.ok(definition);
      const columns = definition.columns ?? [];
      const names = columns.map(({ name, priority }) => (priority === 1 ? '|' : '') + name.replaceAll(' ', ''));
      assert.equal(names.join(' '), header);
      assert.deepEqual(Object.values(cellsOf(definition, object)), cells);
      for (const { name, format } of columns) {
        assert.equal(format, name === 'Name' || name === 'Attacher' ? 'name' : undefined);
      }
    });
  }
}
