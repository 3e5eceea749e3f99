/** The body of an answer as JSON, as the type that the test takes it for. */
export const readJson = async <Value>(response: Response): Promise<Value> => {
  const value: Value = JSON.parse(await response.text());
  return value;
};
