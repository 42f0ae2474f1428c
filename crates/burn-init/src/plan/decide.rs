//! From rules to what happens to each parameter, and what happens then.

use std::borrow::Cow;

use burn::module::Module;
use burn_init_values::{Fitted, InitError, Initializer, Seed, WeightLayout};

use super::report::{Action, Entry, Report};
use super::rule::LayoutHints;
use super::select::Select;
use crate::module::fill::{Job, fill};
use crate::module::parameter::{Parameter, Role, nearest, parameters};

/// A rule, whoever asks for it.
pub(super) struct AskedRule<'a> {
    pub select: &'a Select,
    pub asked: Asked<'a>,
    pub layout: &'a LayoutHints,
}

/// What a rule does with what it matches.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    Init(&'a dyn Initializer),
    /// Initializes what is still lazy, and keeps what has values already.
    InitLazy(&'a dyn Initializer),
    Keep,
}

/// What is done about rules without parameters, and parameters without rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// They are errors.
    Error,
    /// The rules are optional, and the parameters stay.
    Keep,
}

/// What happens to a parameter.
enum Decision<'a> {
    Init(Box<Chosen<'a>>),
    /// It stays as it is, for this reason.
    Keep(&'static str),
}

/// The rule that a parameter gets its values by.
struct Chosen<'a> {
    /// The number of the rule.
    rule: usize,
    /// The parameter's layout, with what the rule says of it.
    layout: Cow<'a, WeightLayout>,
    fitted: Fitted,
}

/// Decides by the rules, and then initializes; tells what it did to whom wants to know. Nothing has been
/// changed where it fails before the values are made.
pub(super) fn initialize<M: Module>(
    module: M,
    seed: Seed,
    rules: &[AskedRule<'_>],
    rest: Rest,
    report: Option<&mut Report>,
) -> Result<M, InitError> {
    let parameters = parameters(&module);
    let decisions = decide(rules, rest, &parameters)?;
    let mut entries = match &report {
        Some(_) => entries(rules, &parameters, &decisions),
        None => Vec::new(),
    };
    let job = |(parameter, decision)| match decision {
        Decision::Keep(_) => None,
        Decision::Init(chosen) => {
            let Chosen { layout, fitted, .. } = *chosen;
            Some(Job {
                parameter,
                layout,
                fitted,
            })
        }
    };
    let jobs = parameters.iter().zip(decisions).filter_map(job).collect();
    let (model, mut connectivities) = fill(module, seed, jobs)?;
    if let Some(report) = report {
        for entry in &mut entries {
            entry.connectivity = connectivities.remove(&entry.path);
        }
        report.entries = entries;
    }
    Ok(model)
}

/// What these decisions do to the parameters.
fn entries(
    rules: &[AskedRule<'_>],
    parameters: &[Parameter],
    decisions: &[Decision<'_>],
) -> Vec<Entry> {
    let texts: Vec<String> = rules
        .iter()
        .map(|rule| match rule.asked {
            Asked::Init(init) | Asked::InitLazy(init) => init.to_string(),
            Asked::Keep => String::new(),
        })
        .collect();
    let entry = |(parameter, decision): (&Parameter, &Decision<'_>)| {
        let (action, note) = match decision {
            Decision::Keep(reason) => {
                let action = Action::Kept((*reason).to_owned());
                (action, parameter.assumed.clone())
            }
            Decision::Init(chosen) => {
                let note = note(parameter, &chosen.layout, rules[chosen.rule].layout);
                (Action::Initialized(texts[chosen.rule].clone()), note)
            }
        };
        Entry {
            path: parameter.path.clone(),
            shape: parameter.layout.shape().to_vec(),
            action,
            note,
            connectivity: None,
        }
    };
    parameters.iter().zip(decisions).map(entry).collect()
}

/// What happens to each parameter.
fn decide<'a>(
    rules: &[AskedRule<'_>],
    rest: Rest,
    parameters: &'a [Parameter],
) -> Result<Vec<Decision<'a>>, InitError> {
    // The parameters that each rule gets.
    let mut its_own = vec![Vec::new(); rules.len()];
    let mut without_rule = Vec::new();
    let mut decisions = Vec::with_capacity(parameters.len());
    let mut hints = vec![None; parameters.len()];
    for (i, parameter) in parameters.iter().enumerate() {
        let rule = rules.iter().position(|rule| rule.select.matches(parameter));
        decisions.push(Decision::Keep(match (rule, parameter.role) {
            (Some(number), _) => {
                its_own[number].push(i);
                hints[i] = Some(rules[number].layout);
                "by rule"
            }
            (None, Role::Norm) => "normalization or activation",
            (None, Role::Statistic) => "running statistic",
            (None, Role::Reparameterization) => "reparameterization",
            (None, Role::Weight | Role::Bias | Role::Other) => {
                without_rule.push(i);
                "neither weight nor bias"
            }
        }));
    }
    if rest == Rest::Error {
        if let Some(number) = its_own.iter().position(Vec::is_empty) {
            return Err(unused(number, rules[number].select, parameters));
        }
        if !without_rule.is_empty() {
            let name = |i: usize| {
                let parameter: &Parameter = &parameters[i];
                format!("`{}` {:?}", parameter.path, parameter.layout.shape())
            };
            return Err(InitError::NoRule {
                paths: without_rule.into_iter().map(name).collect(),
            });
        }
    }
    for (number, (rule, mut its_own)) in rules.iter().zip(its_own).enumerate() {
        let init = match rule.asked {
            Asked::Keep => continue,
            Asked::Init(init) => init,
            Asked::InitLazy(init) => {
                its_own.retain(|i| {
                    if parameters[*i].has_values {
                        decisions[*i] = Decision::Keep("it had values already");
                    }
                    !parameters[*i].has_values
                });
                init
            }
        };
        let at = |i: usize, error: InitError| {
            error.at(&parameters[i].path, parameters[i].layout.shape())
        };
        let mut layouts = Vec::with_capacity(its_own.len());
        for i in &its_own {
            let parameter = &parameters[*i];
            let layout = parameter
                .check_state()
                .and_then(|()| rule.layout.apply(layout(parameters, &hints, *i)))
                .map_err(|error| at(*i, error))?;
            layouts.push(layout);
        }
        // Together: a budget is spread over all parameters that the rule gets.
        let all = init.fit_all(&layouts.iter().map(Cow::as_ref).collect::<Vec<_>>());
        if let (true, Some(first)) = (all.len() != layouts.len(), its_own.first()) {
            let problem = format!("{init} fitted {} of {} weights", all.len(), layouts.len());
            return Err(at(*first, InitError::Unsupported(problem)));
        }
        for ((i, fitted), layout) in its_own.into_iter().zip(all).zip(layouts) {
            let fitted = fitted.map_err(|error| at(i, error))?;
            if fitted.shape() != layout.shape() {
                let problem = format!("{init} was fitted to another shape, {:?}", fitted.shape());
                return Err(at(i, InitError::Unsupported(problem)));
            }
            decisions[i] = Decision::Init(Box::new(Chosen {
                rule: number,
                layout,
                fitted,
            }));
        }
    }
    Ok(decisions)
}

/// A parameter's layout: of a bias, with what the rule for its weight says of that one.
fn layout<'a>(
    parameters: &'a [Parameter],
    hints: &[Option<&LayoutHints>],
    i: usize,
) -> Cow<'a, WeightLayout> {
    let parameter = &parameters[i];
    let said = parameter.weight.and_then(|weight| {
        let hints = hints[weight].filter(|hints| !hints.is_empty())?;
        // What doesn't fit the weight is an error of its own rule.
        let weight = hints
            .apply(Cow::Borrowed(&parameters[weight].layout))
            .ok()?;
        Some(parameter.beside(&weight))
    });
    said.map_or(Cow::Borrowed(&parameter.layout), Cow::Owned)
}

/// What the values were made with because no rule said otherwise, and whether there were values
/// before.
fn note(parameter: &Parameter, layout: &WeightLayout, hints: &LayoutHints) -> Option<String> {
    let mut notes = Vec::new();
    if hints.axes.is_none() {
        notes.extend(parameter.assumed.clone());
    }
    if layout.has_kernel() {
        let mut assumed = Vec::new();
        if hints.groups.is_none() && !hints.depthwise {
            assumed.push("groups 1");
        }
        if hints.strides.is_none() && layout.is_transposed_conv() {
            assumed.push("stride 1");
        }
        if !assumed.is_empty() {
            notes.push(format!("{} assumed", assumed.join(" and ")));
        }
    }
    if parameter.has_values {
        notes.push("had values before".to_owned());
    }
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// Why a rule is never used.
fn unused(number: usize, select: &Select, parameters: &[Parameter]) -> InitError {
    let rule = number + 1;
    let never_used = |reason: String| InitError::UnusedRule {
        rule,
        select: select.to_string(),
        reason,
    };
    if let Select::Path(path) = select {
        let Some(parameter) = parameters.iter().find(|p| p.path == *path) else {
            return InitError::UnknownPath {
                rule,
                path: path.clone(),
                nearest: nearest(path, parameters),
            };
        };
        match parameter.role {
            Role::Statistic => {
                return never_used("this is a running statistic, which is always kept".to_owned());
            }
            Role::Reparameterization => {
                let what = "this is a part of a reparameterization, which is always kept";
                return never_used(what.to_owned());
            }
            _ => {}
        }
    }
    let taken: Vec<&str> = parameters
        .iter()
        .filter(|p| select.matches(p))
        .map(|p| p.path.as_str())
        .collect();
    if !taken.is_empty() {
        let taken = taken.join(", ");
        return never_used(format!("earlier rules take all that it matches: {taken}"));
    }
    if let Select::Group(_) = select {
        // The patterns stand in quotes.
        let text = select.to_string();
        let patterns: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
        let near = match nearest(&patterns.join(""), parameters).as_slice() {
            [] => String::new(),
            paths => format!("; the module has `{}`", paths.join("`, `")),
        };
        return never_used(format!(
            "it matches no weight or bias{near}; normalizations are only reached by their own path"
        ));
    }
    let mut containers: Vec<&str> = parameters
        .iter()
        .filter(|p| p.role == Role::Weight)
        .map(|p| p.container.as_str())
        .collect();
    containers.sort_unstable();
    containers.dedup();
    never_used(match containers.as_slice() {
        [] => "it matches nothing, and the module has no weights".to_owned(),
        names => format!(
            "it matches nothing; the module has weights of {}",
            names.join(", ")
        ),
    })
}
