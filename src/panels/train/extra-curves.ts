/** What a kind of run measures beside the loss, and which of it shares a chart. */

export interface ExtraChart {
  title: string;
  names: string[];
  /** Whether the values are shares in [0, 1]. */
  shares: boolean;
}

const isShare = (name: string): boolean => name.endsWith('accuracies');
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Names with the same beginning before "/" share a chart, shares and other numbers each one of their own. */
export function extraCharts(names: readonly string[]): ExtraChart[] {
  const charts = new Map<string, ExtraChart>();
  for (const name of names) {
    const prefix = name.split('/', 1)[0] ?? name;
    const shares = isShare(name);
    const key = `${prefix} ${shares}`;
    const chart = charts.get(key) ?? { title: '', names: [], shares };
    chart.names.push(name);
    chart.title = chart.names.length === 1 ? name : `${capital(prefix)}${shares ? ' accuracies' : ''}`;
    charts.set(key, chart);
  }
  return [...charts.values()];
}
