//! ONNX's `If` for tract: where the condition is known, the branch that is taken stands in its place, and the other need
//! not fit. Left to itself tract prepares both, of which files often keep one for inputs of another shape.

use tract_onnx::model::{ParseResult, ParsingContext};
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_core::ops::logic::IfThenElse;
use tract_onnx::tract_hir::internal::*;

/// A branch, and which inputs of the node its own inputs are.
#[derive(Debug, Clone)]
struct Branch {
    graph: InferenceModel,
    inputs: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Branches {
    yes: Branch,
    no: Branch,
}

/// Reads an `If`; beside it the names of what its branches use from around it, which become its inputs.
pub(super) fn branch(
    context: &ParsingContext,
    node: &NodeProto,
) -> TractResult<(Box<dyn InferenceOp>, Vec<String>)> {
    let yes = context.parse_graph(node.get_attr("then_branch")?)?;
    let no = context.parse_graph(node.get_attr("else_branch")?)?;
    let mut around: Vec<String> =
        yes.unresolved_inputs.iter().chain(&no.unresolved_inputs).cloned().collect();
    around.sort();
    around.dedup();
    let branch = |parsed: ParseResult| Branch {
        inputs: parsed
            .unresolved_inputs
            .iter()
            .filter_map(|name| around.iter().position(|other| other == name))
            .map(|at| at + 1)
            .collect(),
        graph: parsed.model,
    };
    let branches = Branches { yes: branch(yes), no: branch(no) };
    Ok((expand(branches), around))
}

impl Branch {
    /// The branch with the types and shapes of what it gets.
    fn typed(&self, model: &TypedModel, inputs: &[OutletId]) -> TractResult<TypedModel> {
        let mut graph = self.graph.clone();
        for (at, &outer) in self.inputs.iter().enumerate() {
            let fact = model.outlet_fact(inputs[outer])?;
            graph.set_input_fact(at, InferenceFact::from(fact))?;
        }
        graph.into_typed()
    }

    /// Puts the branch into `model`, and gives what it gives.
    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let graph = self.typed(model, inputs)?;
        let sources = graph.input_outlets()?;
        let mut places: HashMap<OutletId, OutletId> =
            sources.iter().copied().zip(self.inputs.iter().map(|&at| inputs[at])).collect();
        let place = |places: &HashMap<OutletId, OutletId>, outlet: &OutletId| {
            places.get(outlet).copied().context("a branch uses what it does not have")
        };
        for id in graph.eval_order()? {
            if sources.iter().any(|source| source.node == id) {
                continue;
            }
            let node = graph.node(id);
            let given = node.inputs.iter().map(|outlet| place(&places, outlet));
            let given = given.collect::<TractResult<TVec<_>>>()?;
            let name = format!("{prefix}.{}", node.name);
            let outlets = model.wire_node(name, node.op.clone(), &given)?;
            let own = (0..outlets.len()).map(|slot| OutletId::new(id, slot));
            places.extend(own.zip(outlets));
        }
        graph.output_outlets()?.iter().map(|outlet| place(&places, outlet)).collect()
    }
}

impl Expansion for Branches {
    fn name(&self) -> StaticName {
        "If".into()
    }

    fn nboutputs(&self) -> TractResult<usize> {
        Ok(self.yes.graph.outputs.len())
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        _: &mut Solver<'r>,
        _: &'p [TensorProxy],
        _: &'p [TensorProxy],
    ) -> InferenceResult {
        Ok(())
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        match &model.outlet_fact(inputs[0])?.konst {
            Some(known) if known.cast_to_scalar::<bool>()? => self.yes.wire(prefix, model, inputs),
            Some(_) => self.no.wire(prefix, model, inputs),
            None => {
                let op = IfThenElse {
                    then_body: self.yes.typed(model, inputs)?,
                    then_input_mapping: self.yes.inputs.clone(),
                    else_body: self.no.typed(model, inputs)?,
                    else_input_mapping: self.no.inputs.clone(),
                };
                model.wire_node(prefix, op, inputs)
            }
        }
    }
}
