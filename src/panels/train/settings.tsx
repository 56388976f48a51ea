/** Every setting of the run with its default and the reason for it; closed at first. */
import { Accordion, Button, Checkbox, Group, NativeSelect, NumberInput, SimpleGrid, Switch, Text } from '@mantine/core';
import {
  BASE_IN_WORDS,
  BASE_WEIGHTS,
  TEMPLATE_CHOICES,
  isLanguageConfig,
  type LanguageConfig,
} from '../../domain/language-config';
import { isDecoder } from '../../domain/model';
import { useTraining } from '../../store/training';
import { settingsKey, type EffectiveConfig } from '../../store/effective-config';
import { useData } from '../../store/data';
import { useModel } from '../../store/model';
import { TEMPLATE_WORDS } from '../../ui/words';
import { NumberField } from './number-field';

export function Settings({ effective }: { effective: EffectiveConfig }) {
  const { method, changes, resetChanges } = useTraining();
  const model = useModel((state) => state.info);
  const changed = Object.keys(changes[settingsKey(method, model)]).length;
  const { config } = effective;
  return (
    <Accordion variant="separated" radius="md">
      <Accordion.Item value="advanced">
        <Accordion.Control>
          Advanced settings{' '}
          <Text span size="sm" c="dimmed">
            {changed ? `· ${changed} changed` : '· all at their defaults'}
          </Text>
        </Accordion.Control>
        <Accordion.Panel>
          <Fields effective={effective} />
          {isLanguageConfig(config) && <LanguageFields config={config} effective={effective} />}
          {config.method === 'lora' && <LoraFields effective={effective} />}
          <Group mt="lg">
            <Button variant="default" disabled={!changed} onClick={resetChanges}>
              Back to the defaults
            </Button>
          </Group>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

function Fields({ effective }: { effective: EffectiveConfig }) {
  const { config, defaults, reasons } = effective;
  const change = useTraining((state) => state.change);
  const task = useData((state) => state.info?.mapping.task);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} verticalSpacing="md">
      <NumberField field="learningRate" label="Learning rate" effective={effective} />
      <NumberField field="epochs" label="Epochs" effective={effective} />
      <NumberField field="batchSize" label="Batch size" effective={effective} about="Rows a step works on at once." />
      <NumberField
        field="gradientAccumulation"
        label="Gradient accumulation"
        effective={effective}
        about="Batches gathered for one step; gives large batches with little memory."
      />
      <NumberField field="maxLength" label="Longest input, in tokens" effective={effective} />
      <NativeSelect
        label="Learning-rate schedule"
        description={`Default: ${defaults.schedule}. ${reasons.schedule ?? 'How the rate falls towards the end.'}`}
        inputWrapperOrder={['label', 'input', 'description']}
        value={config.schedule}
        data={['linear', 'cosine', 'constant']}
        onChange={(event) =>
          change({
            schedule:
              event.currentTarget.value === 'cosine'
                ? 'cosine'
                : event.currentTarget.value === 'constant'
                  ? 'constant'
                  : 'linear',
          })
        }
      />
      <NumberField field="warmupRatio" label="Warm-up, share of steps" effective={effective} step={0.05} />
      <NumberField field="weightDecay" label="Weight decay" effective={effective} step={0.01} />
      <NumberField field="maxGradNorm" label="Largest gradient norm" effective={effective} step={0.1} />
      {config.method !== 'head' && <DropoutField effective={effective} />}
      {task !== 'regression' && task !== 'chat' && (
        <NumberField
          field="labelSmoothing"
          label="Label smoothing"
          effective={effective}
          step={0.05}
          about={
            task === 'preference'
              ? 'Share of pairs that may be the wrong way round.'
              : 'Asks for a little less than certainty; helps with wrong labels.'
          }
        />
      )}
      {task !== 'regression' && !isLanguageConfig(config) && (
        <NativeSelect
          label="Class weights"
          description="Default: none. “Balanced” gives rare labels the same say as frequent ones."
          inputWrapperOrder={['label', 'input', 'description']}
          value={config.classWeights}
          data={['none', 'balanced']}
          onChange={(event) => change({ classWeights: event.currentTarget.value === 'balanced' ? 'balanced' : 'none' })}
        />
      )}
      <NumberField
        field="validateEverySteps"
        label="Validate every … steps"
        effective={effective}
        about="0 validates once an epoch."
      />
      <NumberField
        field="earlyStoppingPatience"
        label="Early stopping, patience"
        effective={effective}
        about="Stop after this many validations without progress; 0 never does."
      />
      <NumberField field="seed" label="Seed" effective={effective} about="The same seed gives the same run again." />
      <Switch
        label="Keep the best weights"
        description={reasons.keepBest}
        checked={config.keepBest}
        onChange={(event) => change({ keepBest: event.currentTarget.checked })}
      />
    </SimpleGrid>
  );
}

function LanguageFields({ config, effective }: { config: LanguageConfig; effective: EffectiveConfig }) {
  const change = useTraining((state) => state.change);
  const task = useData((state) => state.info?.mapping.task);
  const model = useModel((state) => state.info);
  const own = model && isDecoder(model) && model.ownTemplate;
  const templates = TEMPLATE_CHOICES.filter((one) => one !== 'own' || own);
  const { reasons } = effective;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} verticalSpacing="md" mt="md">
      <NativeSelect
        label="Chat template"
        description={
          own
            ? 'Default: the model’s own, which it was taught with.'
            : 'How turns are written; this model brings none of its own.'
        }
        inputWrapperOrder={['label', 'input', 'description']}
        value={config.template}
        data={templates.map((value) => ({ value, label: TEMPLATE_WORDS[value] }))}
        onChange={(event) =>
          change({ template: TEMPLATE_CHOICES.find((one) => one === event.currentTarget.value) ?? 'own' })
        }
      />
      {config.method === 'lora' && (
        <NativeSelect
          label="Frozen weights are kept in"
          description={
            `Default: ${BASE_IN_WORDS['base' in effective.defaults ? effective.defaults.base : 'f32']}. ` +
            (reasons.base ?? '')
          }
          inputWrapperOrder={['label', 'input', 'description']}
          value={config.base}
          data={BASE_WEIGHTS.map((value) => ({ value, label: BASE_IN_WORDS[value] }))}
          onChange={(event) => change({ base: BASE_WEIGHTS.find((one) => one === event.currentTarget.value) ?? 'f32' })}
        />
      )}
      {task === 'preference' && (
        <NumberInput
          label="Beta"
          description={
            `Default: ${'beta' in effective.defaults ? effective.defaults.beta : 0.1}. ` + (reasons.beta ?? '')
          }
          inputWrapperOrder={['label', 'input', 'description']}
          min={0.01}
          max={10}
          step={0.05}
          value={config.beta}
          onChange={(value) => change({ beta: value === '' ? NaN : Number(value) })}
        />
      )}
      <Switch
        label="Compute layers twice (activation checkpointing)"
        description={reasons.gradientCheckpointing}
        checked={config.gradientCheckpointing}
        onChange={(event) => change({ gradientCheckpointing: event.currentTarget.checked })}
      />
      {task === 'chat' && (
        <Switch
          label="Pack short rows together"
          description={reasons.packing}
          checked={config.packing}
          onChange={(event) => change({ packing: event.currentTarget.checked })}
        />
      )}
    </SimpleGrid>
  );
}

function DropoutField({ effective }: { effective: EffectiveConfig }) {
  const change = useTraining((state) => state.change);
  return (
    <NumberInput
      label="Dropout"
      description={
        'Default: the model’s own values (leave it empty). Switches parts off at random, so that none is ' +
        'relied on too much.'
      }
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder="the model’s own"
      min={0}
      max={0.9}
      step={0.05}
      value={effective.config.dropout ?? ''}
      onChange={(value) => change({ dropout: value === '' ? null : Number(value) })}
    />
  );
}

function LoraFields({ effective }: { effective: EffectiveConfig }) {
  const { config, defaults } = effective;
  const change = useTraining((state) => state.change);
  const model = useModel((state) => state.info);
  const { lora } = config;
  return (
    <section aria-label="LoRA">
      <SimpleGrid cols={{ base: 1, sm: 3 }} mt="lg">
        <NumberInput
          label="LoRA rank"
          description={`Default: ${defaults.lora.rank}. Width of the add-on matrices.`}
          inputWrapperOrder={['label', 'input', 'description']}
          min={1}
          max={512}
          allowDecimal={false}
          value={lora.rank}
          onChange={(value) => change({ lora: { rank: Number(value) } })}
        />
        <NumberInput
          label="LoRA alpha"
          description={`Default: ${defaults.lora.alpha}. Their weight is alpha ÷ rank.`}
          inputWrapperOrder={['label', 'input', 'description']}
          min={0}
          max={4096}
          value={lora.alpha}
          onChange={(value) => change({ lora: { alpha: Number(value) } })}
        />
        <NumberInput
          label="LoRA dropout"
          description={`Default: ${defaults.lora.dropout}.`}
          inputWrapperOrder={['label', 'input', 'description']}
          min={0}
          max={0.9}
          step={0.05}
          value={lora.dropout}
          onChange={(value) => change({ lora: { dropout: Number(value) } })}
        />
      </SimpleGrid>
      <Checkbox.Group
        mt="md"
        label="Layers that get an adapter"
        description="Default: all linear layers; measured better than query and value alone."
        value={lora.targetModules}
        onChange={(targetModules) => change({ lora: { targetModules } })}
      >
        <Group mt="xs" gap="md">
          {model?.linearModules.map((name) => (
            <Checkbox key={name} value={name} label={name} />
          ))}
        </Group>
      </Checkbox.Group>
      {model && !isDecoder(model) && (
        <Checkbox.Group
          mt="md"
          label="Modules trained in full"
          description="The head has no pre-trained weights, so an adapter alone would not do."
          value={lora.modulesToSave}
          onChange={(modulesToSave) => change({ lora: { modulesToSave } })}
        >
          <Group mt="xs" gap="md">
            {model.headModules.map((name) => (
              <Checkbox key={name} value={name} label={name} />
            ))}
          </Group>
        </Checkbox.Group>
      )}
    </section>
  );
}
