// What the pages use of lean-qr; the package's own types name the package, not this copy.
export function generate(text: string): { size: number; get(x: number, y: number): boolean };
