/** Files of a run, saved as files: with the key in a header, where a link could not carry it. */
const PREVIEW_BYTES = 512 * 1024;

/** Hands the body of an answer to the browser as a download. */
export const saveAs = async (response: Response, name: string): Promise<void> => {
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};

/** The most that is shown of a file; more is for downloading. */
export const MOST_PREVIEW_BYTES = PREVIEW_BYTES;
