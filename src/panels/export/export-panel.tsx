/** The export step: what each file is for, built on request and replayed before it is offered. */
import { Button, SimpleGrid, Text } from '@mantine/core';
import { useEffect } from 'react';
import { useResults } from '../../store';
import { EmptyNotice } from '../../ui/empty-notice';
import { ErrorNotice } from '../../ui/error-notice';
import { PanelHeading } from '../../ui/section';
import { ExportCard } from './export-card';

export function ExportPanel() {
  const { run, error, building, offers, listOffers } = useResults();
  useEffect(() => void listOffers(), [run, listOffers]);
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
            {offers?.map((offer) => (
              <ExportCard key={offer.id} offer={offer} />
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
