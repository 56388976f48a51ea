/** Whether a file that came from somewhere is the one that the build made, byte for byte. */

/** SHA-256 in hexadecimal digits. */
async function sha256Of(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The whole answer with its body read, or null when its bytes are others than those with this SHA-256. */
export async function proved(answer: Response, sha256: string): Promise<Response | null> {
  const bytes = await answer.arrayBuffer();
  if ((await sha256Of(bytes)) !== sha256) return null;
  return new Response(bytes, { status: answer.status, statusText: answer.statusText, headers: answer.headers });
}
