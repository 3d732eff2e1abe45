/** Reads Fastify's drawing of its routes: a line is one segment, below the segments that it continues. */
export function routesOf(drawing: string): string[] {
  const above: string[] = [];
  const routes: string[] = [];
  for (const line of drawing.split('\n')) {
    const match = /^([│ ]*)[├└]── (\S+)(?: \((.+)\))?$/.exec(line);
    if (!match) continue;
    const [, indent, segment, methods] = match;
    const depth = indent!.length / 4;
    above.splice(depth, above.length, segment!);
    for (const method of methods?.split(', ') ?? []) routes.push(`${method} ${above.join('')}`);
  }
  return routes;
}
