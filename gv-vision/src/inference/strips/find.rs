//! Which parts of tract's graph are chains of layers.

use super::chain::{Chain, points};
use super::stage::{Activation, Shape, Stage, Window, Work};
use crate::simd::Isa;
use std::collections::HashSet;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::ops::binary::TypedBinOp;
use tract_onnx::tract_core::ops::cast::Cast;
use tract_onnx::tract_core::ops::cnn::{Conv, KernelFormat, MaxPool, PoolSpec};
use tract_onnx::tract_core::ops::konst::Const;
use tract_onnx::tract_core::ops::nn::DataFormat;

/// Most rows or columns of a window, and most between them; a file can state any number.
const WIDEST: usize = 64;

const NOTHING: Shape = Shape { channels: 0, height: 0, width: 0 };

/// A chain with the nodes that it replaces, in order.
pub(super) struct Found {
    pub(super) chain: Chain,
    pub(super) nodes: Vec<usize>,
}

/// A layer before it is prepared.
struct Layer {
    input: Shape,
    output: Shape,
    window: Window,
    work: Work,
    activation: Activation,
    nodes: Vec<usize>,
}

/// All chains, each as long as it can be.
pub(super) fn chains(model: &TypedModel) -> TractResult<Vec<Found>> {
    let isa = Isa::detect();
    let outputs: HashSet<usize> =
        model.output_outlets()?.iter().map(|outlet| outlet.node).collect();
    let reader = Reader { model, outputs };
    let mut taken = HashSet::new();
    let mut found = Vec::new();
    for id in model.eval_order()? {
        if taken.contains(&id) {
            continue;
        }
        let mut layers: Vec<Layer> = Vec::new();
        let mut next = Some(id);
        while let Some(layer) = next.and_then(|id| reader.layer(id)) {
            next = layer.nodes.last().and_then(|&last| reader.only_reader(last));
            layers.push(layer);
        }
        if !layers.is_empty() {
            let nodes: Vec<usize> =
                layers.iter().flat_map(|layer| layer.nodes.iter().copied()).collect();
            taken.extend(nodes.iter().copied());
            found.push(Found { chain: prepared(layers, isa), nodes });
        }
    }
    Ok(found)
}

/// The layers prepared; where only points matter, the picture is cut into rows that suit the processor.
fn prepared(layers: Vec<Layer>, isa: Isa) -> Chain {
    let output = layers.last().map_or(NOTHING, |layer| layer.output);
    let only_points = layers.iter().all(|layer| layer.window.is_point());
    let shaped = |shape: Shape| if only_points { points(shape) } else { shape };
    let stage = |layer: Layer| {
        let shapes = (shaped(layer.input), shaped(layer.output));
        Stage::new(shapes, layer.window, layer.work, layer.activation, isa)
    };
    Chain::new(layers.into_iter().map(stage).collect(), output)
}

/// Reads layers out of a graph.
struct Reader<'a> {
    model: &'a TypedModel,
    outputs: HashSet<usize>,
}

impl Reader<'_> {
    /// The layer that begins at a node, with what can be taken into it.
    fn layer(&self, id: usize) -> Option<Layer> {
        let mut layer = self.convolution(id).or_else(|| self.largest(id))?;
        if matches!(layer.work, Work::Largest) {
            return Some(layer);
        }
        while let Some(next) =
            self.only_reader(id_of(&layer)).filter(|&next| self.scale(&mut layer, next))
        {
            layer.nodes.push(next);
        }
        self.activation(&mut layer);
        Some(layer)
    }

    /// The node that alone reads another one's one output.
    fn only_reader(&self, id: usize) -> Option<usize> {
        let node = self.model.node(id);
        let [output] = node.outputs.as_slice() else { return None };
        let [reader] = output.successors.as_slice() else { return None };
        let is_free = !self.outputs.contains(&id) && reader.slot == self.picture(reader.node)?;
        is_free.then_some(reader.node)
    }

    /// Which input of a node is no constant, where it is only one.
    fn picture(&self, id: usize) -> Option<usize> {
        let inputs = &self.model.node(id).inputs;
        let mut pictures = (0..inputs.len()).filter(|&at| self.constant(inputs[at]).is_none());
        pictures.next().filter(|_| pictures.next().is_none())
    }

    fn convolution(&self, id: usize) -> Option<Layer> {
        let node = self.model.node(id);
        let conv = node.op_as::<Conv>()?;
        let &[picture, kernel, bias] = node.inputs.as_slice() else { return None };
        if conv.kernel_fmt != KernelFormat::OIHW || conv.q_params.is_some() {
            return None;
        }
        let (input, output, window) =
            self.window(picture, OutletId::new(id, 0), &conv.pool_spec)?;
        let weights = self.numbers(kernel)?;
        let bias = self.numbers(bias)?;
        let bias = match *bias.as_slice() {
            [one] => vec![one; output.channels],
            _ => bias,
        };
        let is_depthwise = conv.group == input.channels && input.channels == output.channels;
        let depth = if conv.group == 1 { input.channels } else { 1 };
        let needed = output.channels * depth * window.size.0 * window.size.1;
        if weights.len() != needed || bias.len() != output.channels {
            return None;
        }
        let work = match conv.group {
            1 => Work::Dense { weights, bias },
            _ if is_depthwise => Work::Depthwise { weights, bias },
            _ => return None,
        };
        Some(Layer { input, output, window, work, activation: Activation::None, nodes: vec![id] })
    }

    fn largest(&self, id: usize) -> Option<Layer> {
        let node = self.model.node(id);
        let pool = node.op_as::<MaxPool>().filter(|pool| pool.with_index_outputs.is_none())?;
        let (input, output, window) =
            self.window(node.inputs[0], OutletId::new(id, 0), &pool.pool_spec)?;
        let activation = Activation::None;
        Some(Layer { input, output, window, work: Work::Largest, activation, nodes: vec![id] })
    }

    /// The shapes and the window of a layer, where they are of the kind that is understood.
    fn window(
        &self,
        picture: OutletId,
        result: OutletId,
        spec: &PoolSpec,
    ) -> Option<(Shape, Shape, Window)> {
        let (input, output) = (self.shape(picture)?, self.shape(result)?);
        let &[down, across] = spec.kernel_shape.as_slice() else { return None };
        if spec.data_format != DataFormat::NCHW {
            return None;
        }
        let pair = |values: &[usize]| Some((*values.first()?, *values.get(1)?));
        let padding = spec.computed_padding(&[input.height, input.width]);
        let before = padding.iter().map(|side| side.pad_before).collect::<Vec<usize>>();
        let window = Window {
            size: (down, across),
            stride: pair(&spec.strides())?,
            dilation: pair(&spec.dilations())?,
            before: pair(&before)?,
        };
        let within = |least: usize, values: &[usize], most: usize| {
            values.iter().all(|value| (least..=most).contains(value))
        };
        let (dilation, stride) = (window.dilation, window.stride);
        let is_understood = within(1, &[stride.0, stride.1], 2)
            && within(1, &[down, across, dilation.0, dilation.1], WIDEST)
            && within(0, &[window.before.0], down * dilation.0)
            && within(0, &[window.before.1], across * dilation.1)
            && within(1, &[input.channels, input.height, input.width], usize::MAX)
            && within(1, &[output.channels, output.height, output.width], usize::MAX)
            && spec.input_channels == input.channels
            && spec.output_channels == output.channels;
        is_understood.then_some((input, output, window))
    }

    /// Takes a product with or a sum of one number a channel into the layer; whether it is one.
    fn scale(&self, layer: &mut Layer, id: usize) -> bool {
        let node = self.model.node(id);
        let Some(operation) = node.op_as::<TypedBinOp>() else { return false };
        let Some(numbers) = self.per_channel(id, layer.output.channels) else { return false };
        let (Work::Dense { weights, bias } | Work::Depthwise { weights, bias }) = &mut layer.work
        else {
            return false;
        };
        match operation.0.name() {
            "Mul" => {
                let terms = weights.len() / bias.len();
                for (weights, number) in weights.chunks_exact_mut(terms).zip(&numbers) {
                    weights.iter_mut().for_each(|weight| *weight *= number);
                }
                bias.iter_mut().zip(&numbers).for_each(|(bias, number)| *bias *= number);
                true
            }
            "Add" => {
                bias.iter_mut().zip(&numbers).for_each(|(bias, number)| *bias += number);
                true
            }
            _ => false,
        }
    }

    /// The constant input of a node with two inputs, as one number for each of `channels`.
    fn per_channel(&self, id: usize, channels: usize) -> Option<Vec<f32>> {
        let &[a, b] = self.model.node(id).inputs.as_slice() else { return None };
        let constant = self.constant(a).or_else(|| self.constant(b))?;
        let numbers = self.numbers(if self.constant(a).is_some() { a } else { b })?;
        match (constant.shape(), numbers.as_slice()) {
            (_, &[one]) => Some(vec![one; channels]),
            (&[1, count, 1, 1], _) if count == channels => Some(numbers),
            _ => None,
        }
    }

    /// Takes what becomes of the sums into the layer: the larger of them and zero, or their product with their own sigmoid.
    fn activation(&self, layer: &mut Layer) {
        let last = id_of(layer);
        if let Some(next) = self.only_reader(last) {
            let is_larger = self
                .model
                .node(next)
                .op_as::<TypedBinOp>()
                .is_some_and(|operation| operation.0.name() == "Max");
            let zero = self.per_channel(next, 1).is_some_and(|numbers| numbers == [0.0]);
            if is_larger && zero {
                layer.activation = Activation::Relu;
                layer.nodes.push(next);
            }
            return;
        }
        if let Some(product) = self.silu(last) {
            layer.activation = Activation::Silu;
            layer.nodes.extend(product);
        }
    }

    /// The sigmoid and the product that make a value times its own sigmoid, and nothing else of it.
    fn silu(&self, id: usize) -> Option<[usize; 2]> {
        let successors = &self.model.node(id).outputs.first()?.successors;
        let &[a, b] = successors.as_slice() else { return None };
        if self.outputs.contains(&id) {
            return None;
        }
        let name = |id: usize| self.model.node(id).op().name().to_string();
        let (sigmoid, product) = match (name(a.node).as_str(), name(b.node).as_str()) {
            ("Sigmoid", "Mul") => (a.node, b.node),
            ("Mul", "Sigmoid") => (b.node, a.node),
            _ => return None,
        };
        let read = &self.model.node(sigmoid).outputs.first()?.successors;
        let is_alone = read.len() == 1 && read[0].node == product;
        (is_alone && !self.outputs.contains(&sigmoid)).then_some([sigmoid, product])
    }

    /// The shape of one picture of f32 numbers.
    fn shape(&self, outlet: OutletId) -> Option<Shape> {
        let fact = self.model.outlet_fact(outlet).ok()?;
        match *fact.shape.as_concrete()? {
            [1, channels, height, width] if fact.datum_type == f32::datum_type() => {
                Some(Shape { channels, height, width })
            }
            _ => None,
        }
    }

    /// What a constant is, seen through a cast to its own type.
    fn constant(&self, outlet: OutletId) -> Option<Arc<Tensor>> {
        let node = self.model.node(outlet.node);
        if let Some(constant) = node.op_as::<Const>() {
            return Some(Arc::clone(constant.val()));
        }
        node.op_as::<Cast>()?;
        let constant = self.constant(*node.inputs.first()?)?;
        (constant.datum_type() == node.outputs.first()?.fact.datum_type).then_some(constant)
    }

    /// The numbers of a constant of f32.
    fn numbers(&self, outlet: OutletId) -> Option<Vec<f32>> {
        let constant = self.constant(outlet)?;
        if constant.datum_type() != f32::datum_type() {
            return None;
        }
        Some(constant.to_plain_array_view::<f32>().ok()?.iter().copied().collect())
    }
}

/// The last node of a layer.
fn id_of(layer: &Layer) -> usize {
    layer.nodes.last().copied().unwrap_or_default()
}
