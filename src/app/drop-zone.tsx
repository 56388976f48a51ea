/** The whole window takes a dropped file or folder; while one is held over it, it says so. */
import { useEffect, useState } from 'react';
import { takeFiles, useIntake } from '../store';
import { filesOf } from '../store/drop';
import { Icon } from '../ui/icons';
import classes from './drop-zone.module.css';

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

export function DropZone() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Entering a child fires before leaving its parent: counting tells when the window is really left.
    let depth = 0;
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      depth++;
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hold = (event: DragEvent): void => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent): void => {
      if (!event.dataTransfer || !hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      void filesOf(event.dataTransfer).then(takeFiles, () =>
        useIntake
          .getState()
          .say('What was dropped could not be read: the browser may not open it. Try “Choose files”.'),
      );
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('dragover', hold);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('dragover', hold);
      window.removeEventListener('drop', drop);
    };
  }, []);
  if (!over) return null;
  return (
    <div className={classes.veil} aria-hidden="true">
      <p className={classes.words}>
        <Icon name="upload" size={28} />
        Drop it: tables and texts become the data, a model goes to Model, a project to Runs
      </p>
    </div>
  );
}
