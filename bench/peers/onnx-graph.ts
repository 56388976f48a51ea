/**
 * The measured model as an ONNX file, written field by field: plain standard operators, as an exporter would emit them.
 */
import { must } from '../../src/base/assert';
import { Writer } from 'protobufjs/minimal';
import { CONFIG, HEAD_SIZE, isLinearMatrix, layerIndices, minilmWeights, transposed, type Batch } from '../lib/minilm';

/** Numbers of onnx.proto (ONNX 1.16, IR version 9, opset 20: the first with Gelu). */
const IR_VERSION = 9;
const OPSET = 20;
const TYPE = { float: 1, int32: 6, int64: 7 } as const;
const ATTRIBUTE = { float: 1, int: 2, ints: 7 } as const;

type Attribute = number | readonly number[] | { float: number };

/** Writes a nested message as field `id`. */
function message(writer: Writer, id: number, fill: (inner: Writer) => void): void {
  fill(writer.uint32((id << 3) | 2).fork());
  writer.ldelim();
}
const text = (writer: Writer, id: number, value: string): Writer => writer.uint32((id << 3) | 2).string(value);
const whole = (writer: Writer, id: number, value: number): Writer => writer.uint32(id << 3).int64(value);

class GraphWriter {
  private readonly nodes: ((writer: Writer) => void)[] = [];
  private readonly initializers: ((writer: Writer) => void)[] = [];
  private count = 0;

  constant(name: string, shape: readonly number[], values: Float32Array | BigInt64Array): string {
    this.initializers.push((writer) => {
      for (const size of shape) whole(writer, 1, size);
      whole(writer, 2, values instanceof Float32Array ? TYPE.float : TYPE.int64);
      text(writer, 8, name);
      writer.uint32((9 << 3) | 2).bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    });
    return name;
  }

  integers(values: readonly number[]): string {
    return this.constant(`integers.${this.count++}`, [values.length], BigInt64Array.from(values, BigInt));
  }

  scalar(value: number): string {
    return this.constant(`scalar.${this.count++}`, [], Float32Array.of(value));
  }

  /** Adds a node with one output and returns its name. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    output = `${operator}.${this.count++}`,
  ): string {
    this.nodes.push((writer) => {
      for (const input of inputs) text(writer, 1, input);
      text(text(writer, 2, output), 4, operator);
      for (const [name, value] of Object.entries(attributes))
        message(writer, 5, (inner) => this.attribute(inner, name, value));
    });
    return output;
  }

  private attribute(writer: Writer, name: string, value: Attribute): void {
    text(writer, 1, name);
    if (typeof value === 'number') whole(writer, 3, value);
    else if ('float' in value) writer.uint32((2 << 3) | 5).float(value.float);
    else for (const entry of value) whole(writer, 8, entry);
    whole(writer, 20, typeof value === 'number' ? ATTRIBUTE.int : 'float' in value ? ATTRIBUTE.float : ATTRIBUTE.ints);
  }

  /** The whole file, with one input of int32 and one output of floats. */
  file(
    input: { name: string; shape: readonly number[] },
    output: { name: string; shape: readonly number[] },
  ): Uint8Array {
    const value = (writer: Writer, { name, shape }: typeof input, type: number): void => {
      text(writer, 1, name);
      message(writer, 2, (proto) =>
        message(proto, 1, (tensor) => {
          whole(tensor, 1, type);
          message(tensor, 2, (dimensions) =>
            shape.forEach((size) => message(dimensions, 1, (dimension) => whole(dimension, 1, size))),
          );
        }),
      );
    };
    const writer = Writer.create();
    whole(writer, 1, IR_VERSION);
    message(writer, 7, (graph) => {
      for (const node of this.nodes) message(graph, 1, node);
      text(graph, 2, 'minilm');
      for (const initializer of this.initializers) message(graph, 5, initializer);
      message(graph, 11, (inner) => value(inner, input, TYPE.int32));
      message(graph, 12, (inner) => value(inner, output, TYPE.float));
    });
    message(writer, 8, (opset) => whole(text(opset, 1, ''), 2, OPSET));
    return writer.finish();
  }
}

/** Names of the file's input, ids [batch, length] as int32, and output, logits [batch, labels]. */
export const INPUT = 'ids';
export const OUTPUT = 'logits';

/** The classifier for batches of one shape. */
export function minilmOnnx({ batch, length }: Batch, labels: number): Uint8Array {
  const graph = new GraphWriter();
  const weights = new Map(minilmWeights().map((weight) => [weight.name, weight]));
  const weight = (name: string): string => {
    const found = must(weights.get(name));
    const [rows = 0, columns = 0] = found.shape;
    return isLinearMatrix(found)
      ? graph.constant(name, [columns, rows], transposed(found.values, rows, columns))
      : graph.constant(name, found.shape, found.values);
  };
  const linear = (x: string, name: string): string =>
    graph.node('Add', [graph.node('MatMul', [x, weight(`${name}.weight`)]), weight(`${name}.bias`)]);
  const norm = (x: string, name: string): string =>
    graph.node('LayerNormalization', [x, weight(`${name}.weight`), weight(`${name}.bias`)], {
      axis: -1,
      epsilon: { float: CONFIG.layer_norm_eps },
    });
  const rows = (name: string, count: number): string =>
    graph.node('Slice', [weight(name), graph.integers([0]), graph.integers([count]), graph.integers([0])]);

  const words = graph.node('Gather', [weight('bert.embeddings.word_embeddings.weight'), INPUT]);
  const placed = graph.node('Add', [words, rows('bert.embeddings.position_embeddings.weight', length)]);
  let x = norm(
    graph.node('Add', [placed, rows('bert.embeddings.token_type_embeddings.weight', 1)]),
    'bert.embeddings.LayerNorm',
  );
  for (const i of layerIndices()) {
    const layer = `bert.encoder.layer.${i}`;
    const split = graph.integers([batch, length, CONFIG.num_attention_heads, HEAD_SIZE]);
    const heads = (name: string, order: number[]): string =>
      graph.node('Transpose', [graph.node('Reshape', [linear(x, `${layer}.attention.self.${name}`), split])], {
        perm: order,
      });
    const scores = graph.node('Mul', [
      graph.node('MatMul', [heads('query', [0, 2, 1, 3]), heads('key', [0, 2, 3, 1])]),
      graph.scalar(1 / Math.sqrt(HEAD_SIZE)),
    ]);
    const context = graph.node('MatMul', [graph.node('Softmax', [scores], { axis: -1 }), heads('value', [0, 2, 1, 3])]);
    const joined = graph.node('Reshape', [
      graph.node('Transpose', [context], { perm: [0, 2, 1, 3] }),
      graph.integers([batch, length, CONFIG.hidden_size]),
    ]);
    const attended = norm(
      graph.node('Add', [linear(joined, `${layer}.attention.output.dense`), x]),
      `${layer}.attention.output.LayerNorm`,
    );
    const active = graph.node('Gelu', [linear(attended, `${layer}.intermediate.dense`)]);
    x = norm(graph.node('Add', [linear(active, `${layer}.output.dense`), attended]), `${layer}.output.LayerNorm`);
  }
  const first = graph.node('Gather', [x, graph.constant('first', [], BigInt64Array.of(0n))], { axis: 1 });
  const pooled = graph.node('Tanh', [linear(first, 'bert.pooler.dense')]);
  graph.node('Identity', [linear(pooled, 'classifier')], {}, OUTPUT);
  return graph.file({ name: INPUT, shape: [batch, length] }, { name: OUTPUT, shape: [batch, labels] });
}

/** A product of two square matrices, the right one constant. */
export function matmulOnnx(size: number): Uint8Array {
  const graph = new GraphWriter();
  const ones = new Float32Array(size * size).fill(1);
  const left = graph.node('Mul', [
    graph.node('Cast', [INPUT], { to: TYPE.float }),
    graph.constant('left', [size, size], ones),
  ]);
  graph.node('MatMul', [left, graph.constant('right', [size, size], ones)], {}, OUTPUT);
  return graph.file({ name: INPUT, shape: [1, 1] }, { name: OUTPUT, shape: [size, size] });
}
