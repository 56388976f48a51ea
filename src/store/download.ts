/** Gives a file that was made here to the browser's downloads. */

/** The address of a file that is being downloaded is given up after this long. */
const DOWNLOAD_MS = 60_000;

export function download(fileName: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), DOWNLOAD_MS);
}
