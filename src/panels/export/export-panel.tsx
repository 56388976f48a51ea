/** The export step: what each file is for, built on request and replayed before it is offered. */
import { Button, SimpleGrid, Text } from '@mantine/core';
import { isLanguageRun, type RunSummary } from '../../domain/run';
import type { Method } from '../../domain/training-config';
import { useResults } from '../../store/results';
import type { ExportKind, LabelExport, LanguageExport } from '../../worker/link/protocol';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { PanelHeading } from '../../ui/section';
import { ExportCard, type ExportCardProps } from './export-card';

type Card = Omit<ExportCardProps, 'kind'>;

const CARDS: Record<LabelExport, Card> = {
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
    about:
      'The unchanged model, mean pooling and the trained layer; what it encodes are the scores (logits) of the labels.',
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

const WHOLE = 'AutoModelForCausalLM.from_pretrained("folder")';

const LANGUAGE_CARDS: Record<LanguageExport, Card> = {
  full: {
    title: 'The whole model',
    forWhom: 'For Python, and for this app',
    about: 'A zip in Hugging Face layout: weights, tokenizer, chat template and a model card.',
    use: WHOLE,
  },
  merged: {
    title: 'The whole model, merged',
    forWhom: 'For Python, and for this app',
    about:
      'The adapter worked into the weights: a plain model in Hugging Face layout with tokenizer and chat template.',
    use: WHOLE,
  },
  adapter: {
    title: 'The adapter alone',
    forWhom: 'For Python with PEFT',
    about: 'A small file with what was learned; it goes on top of the base model.',
    use: 'PeftModel.from_pretrained(base, "folder")',
  },
  'gguf-q8_0': {
    title: 'GGUF, 8 bits a weight',
    forWhom: 'For llama.cpp, Ollama, LM Studio',
    about:
      'The whole model in one file with tokenizer and chat template; nearly as good as the original at a ' +
      'quarter of its size.',
    use: 'llama-cli -m model.gguf',
  },
  'gguf-q4_0': {
    title: 'GGUF, 4 bits a weight',
    forWhom: 'For llama.cpp on small machines',
    about:
      'The smallest file. Very small models lose some of what they know at 4 bits: the figure of the replay ' +
      'says how much.',
    use: 'llama-cli -m model.gguf',
  },
  'gguf-f16': {
    title: 'GGUF, 16 bits a weight',
    forWhom: 'For llama.cpp, and to pack further',
    about: 'The whole model in one file at half precision, practically without loss.',
    use: 'llama-cli -m model.gguf',
  },
  'gguf-adapter': {
    title: 'The adapter for llama.cpp',
    forWhom: 'For llama.cpp with the base model',
    about: 'What was learned, as a GGUF adapter on top of the base model’s own GGUF.',
    use: 'llama-cli -m base.gguf --lora adapter.gguf',
  },
  'train-script': {
    title: 'The same run in Python',
    forWhom: 'For whoever outgrows the tab',
    about:
      'train.py for transformers, PEFT and TRL, with recipe.json (every setting, seed and version) and the ' +
      'rows: it repeats this run elsewhere.',
    use: 'accelerate launch train.py',
  },
  answers: {
    title: 'Answers',
    forWhom: 'For checking and for your records',
    about: 'answers.jsonl: test questions with the expected answer, the base model’s and the fine-tuned one’s.',
  },
};

const LANGUAGE_KINDS: Record<'full' | 'lora', LanguageExport[]> = {
  full: ['full', 'gguf-q8_0', 'gguf-q4_0', 'gguf-f16', 'train-script', 'answers'],
  lora: ['adapter', 'merged', 'gguf-q8_0', 'gguf-q4_0', 'gguf-f16', 'gguf-adapter', 'train-script', 'answers'],
};

/** The files that a run offers. */
function cardsOf(run: RunSummary): ({ kind: ExportKind } & Card)[] {
  if (!isLanguageRun(run)) return KINDS[run.config.method].map((kind) => ({ kind, ...CARDS[kind] }));
  return LANGUAGE_KINDS[run.config.method].map((kind) => ({ kind, ...LANGUAGE_CARDS[kind] }));
}

const KINDS: Record<Method, LabelExport[]> = {
  full: ['full', 'predictions', 'recipe'],
  lora: ['adapter', 'merged', 'predictions', 'recipe'],
  head: ['sentence-transformers', 'predictions', 'recipe'],
};

export function ExportPanel() {
  const { run, error, building } = useResults();
  return (
    <>
      <PanelHeading
        title="Export"
        about="Each file is read back the way it would be opened and tried on held-out rows before it is offered."
      />
      {error && <ErrorNotice error={error} />}
      {run ? (
        <>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            {cardsOf(run).map((card) => (
              <ExportCard key={card.kind} {...card} />
            ))}
          </SimpleGrid>
          <Text size="sm" c="dimmed">
            {building
              ? 'One file is built at a time.'
              : 'Files are made in this tab and go to your downloads; nothing is uploaded.'}
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
