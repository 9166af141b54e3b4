/** A name as it stands in a part's header (HTML, "multipart form data"). */
const escaped = (name: string): string => {
  const codes: Readonly<Record<string, string>> = { '\r': '%0D', '\n': '%0A', '"': '%22' };
  return name.replace(/[\r\n"]/g, (character) => codes[character] ?? character);
};

const withCrLf = (text: string): string => text.replace(/\r?\n|\r/g, '\r\n');

/** The bytes of a form, under a boundary: as the browser would send it. */
export async function formBytes(form: FormData, boundary: string): Promise<ArrayBuffer> {
  const entries: [string, FormDataEntryValue][] = [];
  form.forEach((value, name) => {
    entries.push([name, value]);
  });
  const parts: BlobPart[] = [];
  for (const [name, value] of entries) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(withCrLf(name))}"`;
    if (typeof value === 'string') parts.push(`${head}\r\n\r\n${withCrLf(value)}\r\n`);
    else
      parts.push(
        `${head}; filename="${escaped(value.name)}"\r\nContent-Type: ${value.type || 'application/octet-stream'}\r\n\r\n`,
        await value.arrayBuffer(),
        '\r\n',
      );
  }
  return new Blob([...parts, `--${boundary}--\r\n`]).arrayBuffer();
}
