/** The three ways to fine-tune, in words. */
import { Radio, SimpleGrid, Text } from '@mantine/core';
import type { Method } from '../../domain/training-config';
import { useTraining } from '../../store/training';
import { METHOD_WORDS } from '../../ui/words';
import classes from './method-cards.module.css';

const METHODS: Method[] = ['head', 'lora', 'full'];

export function MethodCards() {
  const { method, setMethod } = useTraining();
  return (
    <Radio.Group value={method} onChange={(value) => setMethod(METHODS.find((one) => one === value) ?? 'head')} label="How much of the model learns" size="md">
      <SimpleGrid cols={{ base: 1, sm: 3 }} mt="xs">
        {METHODS.map((one) => (
          <Radio.Card key={one} value={one} className={classes.card} aria-label={METHOD_WORDS[one].name}>
            <div className={classes.head}>
              <Radio.Indicator />
              <Text fw={650} component="span">
                {METHOD_WORDS[one].name}
              </Text>
            </div>
            <Text size="sm" component="span" display="block" mt={4}>
              {METHOD_WORDS[one].about}
            </Text>
            <Text size="xs" c="dimmed" component="span" display="block" mt={6}>
              {METHOD_WORDS[one].term}
            </Text>
          </Radio.Card>
        ))}
      </SimpleGrid>
    </Radio.Group>
  );
}
