/** The export step: what each file is for, built on request and replayed before it is offered. */
import { Button, SimpleGrid, Text } from '@mantine/core';
import type { Method } from '../../domain/training-config';
import { useResults } from '../../store/results';
import type { ExportKind } from '../../worker/protocol';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { PanelHeading } from '../../ui/section';
import { ExportCard, type ExportCardProps } from './export-card';

type Card = Omit<ExportCardProps, 'kind'>;

const CARDS: Record<ExportKind, Card> = {
  full: {
    title: 'The whole model',
    forWhom: 'For Python, and for this app',
    about: 'A zip in Hugging Face layout: weights, tokenizer, labels and a model card.',
    use: 'AutoModelForSequenceClassification.from_pretrained("folder")',
  },
  merged: {
    title: 'The whole model, merged',
    forWhom: 'For Python, and for this app',
    about: 'The adapter worked into the weights: a plain model in Hugging Face layout that needs nothing else.',
    use: 'AutoModelForSequenceClassification.from_pretrained("folder")',
  },
  adapter: {
    title: 'The adapter alone',
    forWhom: 'For Python with PEFT',
    about: 'A small file with what was learned; it goes on top of the base model.',
    use: 'PeftModel.from_pretrained(base, "folder")',
  },
  'sentence-transformers': {
    title: 'The model with its new layer',
    forWhom: 'For Python with sentence-transformers',
    about: 'The unchanged model, mean pooling and the trained layer; what it encodes are the scores (logits) of the labels.',
    use: 'SentenceTransformer("folder").encode(texts)',
  },
  predictions: {
    title: 'Predictions',
    forWhom: 'For checking and for your records',
    about: 'predictions.jsonl: every test row with its label, the answer and the scores behind it.',
  },
  recipe: {
    title: 'The recipe',
    forWhom: 'For doing it again',
    about: 'recipe.json: every setting, seed, version and the fingerprint of the data.',
  },
};

const KINDS: Record<Method, ExportKind[]> = {
  full: ['full', 'predictions', 'recipe'],
  lora: ['adapter', 'merged', 'predictions', 'recipe'],
  head: ['sentence-transformers', 'predictions', 'recipe'],
};

export function ExportPanel() {
  const { run, error, building } = useResults();
  return (
    <>
      <PanelHeading title="Export" about="Each file is read back the way it would be opened and tried on held-out rows before it is offered." />
      {error && <ErrorNotice error={error} />}
      {run ? (
        <>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            {KINDS[run.config.method].map((kind) => (
              <ExportCard key={kind} kind={kind} {...CARDS[kind]} />
            ))}
          </SimpleGrid>
          <Text size="sm" c="dimmed">
            {building ? 'One file is built at a time.' : 'Files are made in this tab and go to your downloads; nothing is uploaded.'}
          </Text>
        </>
      ) : (
        <EmptyNotice
          action={
            <Button component="a" href="#/train">
              Train a model
            </Button>
          }
        >
          There is no finished run yet.
        </EmptyNotice>
      )}
    </>
  );
}
