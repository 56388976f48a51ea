/**
 * A stand-in for the Hugging Face Hub with the same addresses, that can cut a download, hold it back, and counts what
 * it is asked.
 */
import { must } from '../../src/base/assert';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pathOf, rangeOf } from '../../scripts/lib/static-server.mjs';

export const TINY_BERT_FOLDER = join(import.meta.dirname, '..', 'fixtures', 'tiny-bert');
const PREFIX = '/hub';

interface Repository {
  files: Map<string, Buffer>;
  licence: string;
  gated: boolean;
}

export interface HubRequest {
  path: string;
  range: string | null;
  ifRange: string | null;
  status: number;
}

const sha = (text: string): string => createHash('sha1').update(text).digest('hex');

/** The files of the tiny model, without its note on origin. */
export function tinyBertFiles(): Map<string, Buffer> {
  const names = readdirSync(TINY_BERT_FOLDER).filter((name) => name !== 'SOURCE.md');
  return new Map(names.map((name) => [name, readFileSync(join(TINY_BERT_FOLDER, name))]));
}

export class HubServer {
  readonly requests: HubRequest[] = [];
  private readonly repositories = new Map<string, Repository>();
  private cutAt: number | null = null;
  private holding = false;
  private held: ServerResponse[] = [];

  /** The repositories that every test finds; more come through `publish`. */
  constructor() {
    this.publish('tabtune/tiny-bert', tinyBertFiles());
    this.publish('tabtune/gated-bert', tinyBertFiles(), { gated: true });
    const config = Buffer.from(
      JSON.stringify({ model_type: 'mamba', hidden_size: 64, num_hidden_layers: 2, vocab_size: 100 }),
    );
    this.publish(
      'tabtune/tiny-mamba',
      new Map([
        ['config.json', config],
        ['model.safetensors', Buffer.alloc(64)],
      ]),
    );
    const { ['config.json']: bertConfig } = Object.fromEntries(tinyBertFiles());
    this.publish(
      'tabtune/pickle-only',
      new Map([
        ['config.json', must(bertConfig)],
        ['pytorch_model.bin', Buffer.alloc(64)],
      ]),
    );
  }

  publish(id: string, files: Map<string, Buffer>, { licence = 'apache-2.0', gated = false } = {}): void {
    this.repositories.set(id, { files, licence, gated });
  }

  /** Cuts the next answer that carries weights after so many bytes, once. */
  cutNextDownload(afterBytes: number): void {
    this.cutAt = afterBytes;
  }

  /** Sends the headers and the first bytes of weights, then nothing, until released. */
  holdDownloads(): void {
    this.holding = true;
  }

  release(): void {
    this.holding = false;
    for (const response of this.held.splice(0)) response.destroy();
  }

  reset(): void {
    this.release();
    this.requests.length = 0;
    this.cutAt = null;
  }

  /** Requests for files, leaving out the look-ups. */
  get downloads(): HubRequest[] {
    return this.requests.filter((request) => request.path.includes('/resolve/'));
  }

  /** Answers what lies under /hub; false for everything else. */
  readonly handle = (request: IncomingMessage, response: ServerResponse): boolean => {
    const path = pathOf(request.url);
    if (!path?.startsWith(`${PREFIX}/`)) return false;
    const seen: HubRequest = {
      path,
      range: request.headers.range ?? null,
      ifRange: request.headers['if-range']?.toString() ?? null,
      status: 0,
    };
    this.requests.push(seen);
    response.on('close', () => (seen.status = response.statusCode));
    const lookUp = /^\/hub\/api\/models\/([^/]+\/[^/]+)(?:\/revision\/([^/]+))?$/.exec(path);
    const download = /^\/hub\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    if (lookUp) this.describe(must(lookUp[1]), response);
    else if (download) this.send(must(download[1]), must(download[3]), request, response);
    else this.refuse(response, 404, 'Not found');
    return true;
  };

  private refuse(response: ServerResponse, status: number, error: string): void {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error }));
  }

  private describe(id: string, response: ServerResponse): void {
    const repository = this.repositories.get(id);
    if (!repository) {
      this.refuse(response, 404, 'Repository not found');
      return;
    }
    const config: unknown = JSON.parse(repository.files.get('config.json')?.toString() ?? '{}');
    const siblings = [...repository.files].map(([rfilename, bytes]) => ({
      rfilename,
      size: bytes.length,
      blobId: sha(rfilename),
    }));
    const answer = {
      id,
      modelId: id,
      sha: sha(id),
      private: false,
      gated: repository.gated ? 'auto' : false,
      cardData: { license: repository.licence },
      config,
      siblings,
    };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  }

  private send(id: string, path: string, request: IncomingMessage, response: ServerResponse): void {
    const repository = this.repositories.get(id);
    const bytes = repository?.files.get(path);
    if (!bytes || repository?.gated) {
      if (bytes) this.refuse(response, 403, 'Access to this model is restricted');
      else this.refuse(response, 404, 'Entry not found');
      return;
    }
    const etag = `"${createHash('sha256').update(bytes).digest('hex')}"`;
    const condition = request.headers['if-range'];
    const range = condition === undefined || condition === etag ? rangeOf(request.headers.range, bytes.length) : null;
    const body = range ? bytes.subarray(range.start, range.end + 1) : bytes;
    response.writeHead(range ? 206 : 200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': body.length,
      'Accept-Ranges': 'bytes',
      ETag: etag,
      'X-Repo-Commit': sha(id),
      ...(range ? { 'Content-Range': `bytes ${range.start}-${range.end}/${bytes.length}` } : {}),
    });
    if (path.endsWith('.safetensors') && request.method !== 'HEAD' && this.disturbs(response, body)) return;
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  /** Sends a part of the weights when a disturbance was asked for. */
  private disturbs(response: ServerResponse, body: Buffer): boolean {
    if (this.cutAt !== null) {
      const part = body.subarray(0, this.cutAt);
      this.cutAt = null;
      response.write(part, () => setTimeout(() => response.destroy(), 100));
      return true;
    }
    if (!this.holding) return false;
    response.write(body.subarray(0, Math.floor(body.length / 2)));
    this.held.push(response);
    return true;
  }
}
