/** How an adapter is gone on with: exactly its layers, each with its own rank and scaling. */
export interface AdapterPlan {
  layers: ReadonlyMap<string, { rank: number; scaling: number }>;
  /** Parameters that it trains whole, with their names in its file. */
  saved: ReadonlyMap<string, string>;
}
