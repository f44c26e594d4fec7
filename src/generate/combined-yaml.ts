/**
 * Joins YAML streams to one: every stream begins with a document marker and ends with a newline, so that its first
 * document is not read as the continuation of the stream before.
 *
 * @param streams the text of each stream in chunks
 */
export async function* combinedYaml(streams: Iterable<AsyncIterable<string>>): AsyncGenerator<string> {
  let isFirstStream = true;
  for (const chunks of streams) {
    let isFirstChunk = true;
    let last = "";
    for await (const written of chunks) {
      const chunk = isFirstChunk ? written.replace(/^\uFEFF/u, "") : written;
      if (chunk === "") continue;
      if (isFirstChunk) yield separatorBefore(chunk, isFirstStream);
      isFirstChunk = false;
      last = chunk;
      yield chunk;
    }
    if (isFirstChunk) continue;
    if (!last.endsWith("\n")) yield "\n";
    isFirstStream = false;
  }
}

/** Directives must follow a document end; a stream that opens with its own marker needs none of ours. */
function separatorBefore(start: string, isFirstStream: boolean): string {
  const text = start.replace(/^(?:[ \t]*(?:#[^\n]*)?\r?\n)*/u, "");
  if (text.startsWith("%")) return isFirstStream ? "" : "...\n";
  return /^---(?:\s|$)/u.test(text) ? "" : "---\n";
}
