/** Draws a text as a QR code, an SVG image. The library is loaded with the first one. */
export async function qrCode(text: string): Promise<string> {
  const { renderSVG } = await import('uqr');
  return renderSVG(text, { ecc: 'M' });
}
