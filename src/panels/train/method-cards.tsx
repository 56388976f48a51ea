/** The three ways to fine-tune, in words. */
import { Radio, SimpleGrid, Text } from '@mantine/core';
import type { DatasetInfo } from '../../domain/dataset';
import type { ModelInfo } from '../../domain/model';
import { lessonOf } from '../../lessons/index';
import { useTraining } from '../../store';
import { methodFor } from '../../store/effective-config';
import { METHOD_WORDS } from '../../ui/words';
import classes from './method-cards.module.css';

export function MethodCards({ data, model }: { data: DatasetInfo; model: ModelInfo }) {
  const { method, setMethod } = useTraining();
  const { methods, methodWords } = lessonOf(data.mapping);
  const offered = methods(model);
  const change = (value: string): void => {
    const wanted = offered.find((one) => one === value);
    if (wanted) setMethod(wanted);
  };
  return (
    <Radio.Group
      value={methodFor(method, data, model)}
      onChange={change}
      label="How much of the model learns"
      size="md"
    >
      <SimpleGrid cols={{ base: 1, sm: offered.length }} mt="xs">
        {offered.map((one) => {
          const { name, about, term } = methodWords[one] ?? METHOD_WORDS[one];
          return (
            <Radio.Card key={one} value={one} className={classes.card} aria-label={name}>
              <div className={classes.head}>
                <Radio.Indicator />
                <Text fw={650} component="span">
                  {name}
                </Text>
              </div>
              <Text size="sm" component="span" display="block" mt={4}>
                {about}
              </Text>
              <Text size="xs" c="dimmed" component="span" display="block" mt={6}>
                {term}
              </Text>
            </Radio.Card>
          );
        })}
      </SimpleGrid>
    </Radio.Group>
  );
}
