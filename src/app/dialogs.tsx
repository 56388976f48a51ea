/** The one open dialog, whichever it is. */
import { Modal } from '@mantine/core';
import { Suspense, type ReactNode } from 'react';
import { useUi } from '../store';
import type { Dialog } from '../store/ui';
import { part } from '../ui/part';

const PasteDialog = part(async () => (await import('./dialogs/paste-dialog')).PasteDialog);
const SettingsDialog = part(async () => (await import('./dialogs/settings-dialog')).SettingsDialog);
const PrivacyDialog = part(async () => (await import('./dialogs/privacy-dialog')).PrivacyDialog);
const KernelsDialog = part(async () => (await import('./dialogs/kernels-dialog')).KernelsDialog);
const RowDialog = part(async () => (await import('./dialogs/row-dialog')).RowDialog);
const RenameDialog = part(async () => (await import('./dialogs/rename-dialog')).RenameDialog);
const DeleteRunDialog = part(async () => (await import('./dialogs/delete-dialogs')).DeleteRunDialog);
const DeleteUnfinishedDialog = part(async () => (await import('./dialogs/delete-dialogs')).DeleteUnfinishedDialog);
const ClearEverythingDialog = part(async () => (await import('./dialogs/delete-dialogs')).ClearEverythingDialog);

interface Shown {
  title: string;
  size: string;
  body: ReactNode;
}

function shown(dialog: Dialog): Shown {
  switch (dialog.kind) {
    case 'paste':
      return { title: 'Paste a table', size: 'lg', body: <PasteDialog /> };
    case 'settings':
      return { title: 'Settings', size: 'lg', body: <SettingsDialog /> };
    case 'privacy':
      return { title: 'Privacy', size: 'lg', body: <PrivacyDialog /> };
    case 'kernels':
      return { title: 'GPU kernels', size: 'xl', body: <KernelsDialog /> };
    case 'row':
      return { title: `Row ${dialog.row}`, size: 'xl', body: <RowDialog row={dialog.row} /> };
    case 'rename-run':
      return { title: 'Rename this run', size: 'md', body: <RenameDialog id={dialog.id} name={dialog.name} /> };
    case 'delete-run':
      return { title: 'Delete this run?', size: 'md', body: <DeleteRunDialog id={dialog.id} name={dialog.name} /> };
    case 'delete-unfinished':
      return {
        title: 'Delete this unfinished run?',
        size: 'md',
        body: <DeleteUnfinishedDialog id={dialog.id} name={dialog.name} />,
      };
    case 'clear-everything':
      return { title: 'Delete everything?', size: 'md', body: <ClearEverythingDialog /> };
    default:
      return dialog satisfies never;
  }
}

export function Dialogs() {
  const { dialog, closeDialog } = useUi();
  const view = dialog && shown(dialog);
  return (
    <Modal.Root opened={view !== null} onClose={closeDialog} size={view?.size ?? 'md'}>
      <Modal.Overlay />
      <Modal.Content>
        {/* A dialog's head is no banner of the page. */}
        <Modal.Header role="presentation">
          <Modal.Title fw={650}>{view?.title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>
          <Suspense fallback={null}>{view?.body}</Suspense>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
