/** Single rows, asked for when a person opens one. */
import { TabtuneError } from '../base/errors';
import type { RowView } from '../domain/dataset';
import type { TemplateChoice } from '../domain/language-config';
import type { ShownSequence, TokenView } from '../worker/link/protocol';
import { ask } from './connection';

/** @param row counted from 1 */
export async function fetchRow(row: number): Promise<RowView> {
  const { rows } = await ask('rows', { from: row - 1, count: 1, filter: 'all' });
  const [found] = rows;
  if (!found) throw new TabtuneError('bad-data', `Row ${row} is not in the open data set.`);
  return found;
}

/** What the loaded model sees of a row. */
export const fetchTokens = (row: number, maxLength: number): Promise<TokenView> => ask('tokenView', { row, maxLength });

/** The exact tokens that a decoder sees of a row, those that are trained on marked. */
export const fetchShownTokens = (row: number, maxLength: number, template: TemplateChoice): Promise<ShownSequence[]> =>
  ask('shownTokens', { row, maxLength, template });
