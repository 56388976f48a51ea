/** What a LoRA adapter is, in figures. */
import type { AdapterFacts } from '../domain/model';
import { Figure, Figures } from './figure';
import { plural } from './format';

const BIASES: Record<string, string> = { all: 'all', lora_only: 'of its layers' };

export function AdapterFigures({ adapter }: { adapter: AdapterFacts }) {
  const { rank, alpha, dropout, targetModules, modulesToSave, layers, scaling, bias, patterns, base } = adapter;
  return (
    <Figures label="The adapter">
      <Figure name="Rank" value={String(rank)} />
      <Figure name="Alpha" value={String(alpha)} note={scaling} />
      <Figure name="Dropout" value={String(dropout)} />
      <Figure name="Layers" value={plural(layers, 'layer')} note={targetModules.join(', ')} />
      {modulesToSave.length > 0 && <Figure name="Trained in full" value={modulesToSave.join(', ')} />}
      {BIASES[bias] !== undefined && <Figure name="Biases trained" value={BIASES[bias]} />}
      {Object.entries(patterns).map(([name, value]) => (
        <Figure key={name} name={name} value={value} />
      ))}
      <Figure name="Made for" value={base ?? 'not stated'} />
    </Figures>
  );
}
