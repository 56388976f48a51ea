/** Picks a folder with all files in it. */
import { Button, type ButtonProps } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';

interface FolderButtonProps extends ButtonProps {
  /** Names the hidden field for screen readers. */
  label: string;
  onPick: (files: File[]) => void;
  children: ReactNode;
}

export function FolderButton({ label, onPick, children, ...button }: FolderButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  // React's types do not know this attribute, which every browser does.
  useEffect(() => input.current?.setAttribute('webkitdirectory', ''), []);
  return (
    <>
      <Button {...button} onClick={() => input.current?.click()}>
        {children}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={label}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = '';
          if (files.length) onPick(files);
        }}
      />
    </>
  );
}
