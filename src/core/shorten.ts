/** `text` in at most `most` characters (code points), the last one an ellipsis when something was cut off. */
export const shorten = (text: string, most: number): string => {
  // A character has two units at most, so these are enough to tell whether there are too many.
  const characters = [...text.slice(0, 2 * most + 2)];
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
};
