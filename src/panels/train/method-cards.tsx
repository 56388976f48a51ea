/** The three ways to fine-tune, in words. */
import { Radio, SimpleGrid, Text } from '@mantine/core';
import type { Method } from '../../domain/training-config';
import { useTraining } from '../../store/training';
import { isDecoder } from '../../domain/model';
import { methodFor } from '../../store/effective-config';
import { useModel } from '../../store/model';
import { LANGUAGE_METHOD_WORDS, METHOD_WORDS } from '../../ui/words';
import classes from './method-cards.module.css';

const METHODS: Method[] = ['head', 'lora', 'full'];
const wordsFor = (method: Method, writes: boolean) =>
  writes && method !== 'head' ? LANGUAGE_METHOD_WORDS[method] : METHOD_WORDS[method];

export function MethodCards() {
  const { method, setMethod } = useTraining();
  const model = useModel((state) => state.info);
  const writes = model !== null && isDecoder(model);
  const offered = METHODS.filter((one) => !writes || one !== 'head');
  return (
    <Radio.Group
      value={methodFor(method, model)}
      onChange={(value) => setMethod(METHODS.find((one) => one === value) ?? 'head')}
      label="How much of the model learns"
      size="md"
    >
      <SimpleGrid cols={{ base: 1, sm: offered.length }} mt="xs">
        {offered.map((one) => (
          <Radio.Card key={one} value={one} className={classes.card} aria-label={wordsFor(one, writes).name}>
            <div className={classes.head}>
              <Radio.Indicator />
              <Text fw={650} component="span">
                {wordsFor(one, writes).name}
              </Text>
            </div>
            <Text size="sm" component="span" display="block" mt={4}>
              {wordsFor(one, writes).about}
            </Text>
            <Text size="xs" c="dimmed" component="span" display="block" mt={6}>
              {wordsFor(one, writes).term}
            </Text>
          </Radio.Card>
        ))}
      </SimpleGrid>
    </Radio.Group>
  );
}
