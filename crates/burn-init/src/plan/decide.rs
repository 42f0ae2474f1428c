//! From rules to what happens to each parameter, and what happens then.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use burn::module::Module;
use burn_init_values::{Fitted, InitError, Initializer, Seed, WeightLayout};
use regex::RegexSet;

use super::meaning::{self, Meant};
use super::report::{Action, Entry, Report};
use super::rule::LayoutHints;
use super::select::Select;
use super::sharded::{self, Sharded};
use crate::device::MakeOn;
use crate::module::fill::{Job, fill};
use crate::module::parameter::{Parameter, Role, nearest, survey};

/// A rule, whoever asks for it.
pub(super) struct AskedRule<'a> {
    pub select: &'a Select,
    pub asked: Asked<'a>,
    pub layout: &'a LayoutHints,
    /// Whether it may have nothing to do.
    pub optional: bool,
    /// Whether it leaves what it doesn't fit to later rules.
    pub where_it_fits: bool,
}

/// What a rule does with what it matches.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    Init(&'a dyn Initializer),
    /// Initializes what is still lazy, and keeps what has values already.
    InitLazy(&'a dyn Initializer),
    Keep,
}

/// What is done about parameters without rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// They are errors.
    Error,
    /// They stay.
    Keep,
}

/// What is asked for of a module.
pub(super) struct Request<'a> {
    pub seed: Seed,
    /// What stands before each path in its key.
    pub prefix: &'a str,
    pub rules: &'a [AskedRule<'a>],
    pub rest: Rest,
    /// What parameters of a user's own structs are.
    pub meanings: &'a [Meant],
    /// Which parameters are shards of larger weights.
    pub shards: &'a [Sharded],
    /// Whether an assumption about a layout is an error.
    pub strict: bool,
    /// The only parameters that are initialized, if not all are; rules for others are no errors then.
    pub missing: Option<&'a HashSet<&'a str>>,
    pub make_on: MakeOn,
}

impl Request<'_> {
    /// Whether the parameter's values are asked for.
    fn wants(&self, parameter: &Parameter) -> bool {
        self.missing
            .is_none_or(|missing| missing.contains(parameter.path.as_str()))
    }
}

/// What happens to a parameter.
enum Decision<'a> {
    Init(Box<Chosen<'a>>),
    /// It stays as it is, for this reason.
    Keep(&'static str),
    /// It is the parameter of this number, at another path, and becomes what that one becomes.
    Tied(usize),
}

/// What happens to each parameter.
struct Decided<'a> {
    decisions: Vec<Decision<'a>>,
    /// Of a parameter, the rules that matched but were left to others since they don't fit: their numbers,
    /// and why.
    unfit: HashMap<usize, Vec<(usize, InitError)>>,
}

impl Decided<'_> {
    /// Which rules don't fit a parameter, as texts.
    fn unfit(&self, parameter: usize) -> Vec<String> {
        unfit_texts(self.unfit.get(&parameter).map_or(&[], Vec::as_slice))
    }
}

fn unfit_texts(unfit: &[(usize, InitError)]) -> Vec<String> {
    let text =
        |(rule, error): &(usize, InitError)| format!("rule {} doesn't fit: {error}", rule + 1);
    unfit.iter().map(text).collect()
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
    request: &Request<'_>,
    report: Option<&mut Report>,
) -> Result<M, InitError> {
    let parameters = look(&module, request)?;
    let decided = decide(request, &parameters)?;
    let mut entries = match &report {
        Some(_) => entries(request, &parameters, &decided),
        None => Vec::new(),
    };
    let decisions = &decided.decisions;
    let mut jobs = Vec::new();
    let mut copies = Vec::new();
    for (parameter, decision) in parameters.iter().zip(decisions) {
        let (leader, decision) = match decision {
            Decision::Tied(leader) => (&parameters[*leader], &decisions[*leader]),
            decision => (parameter, decision),
        };
        match decision {
            Decision::Init(chosen) => jobs.push(Job {
                parameter,
                key_path: &leader.path,
                layout: chosen.layout.clone(),
                fitted: chosen.fitted.clone(),
                region: leader.region.as_ref(),
            }),
            // One path of a tied parameter was loaded, and the other wasn't.
            _ if leader.path != parameter.path && !request.wants(leader) => {
                copies.push((parameter.path.as_str(), leader.path.as_str()));
            }
            _ => {}
        }
    }
    let &Request {
        seed,
        prefix,
        make_on,
        ..
    } = request;
    let (model, mut connectivities) = fill(module, seed, prefix, jobs, &copies, make_on)?;
    if let Some(report) = report {
        for entry in &mut entries {
            entry.connectivity = connectivities.remove(&entry.path);
        }
        report.entries = entries;
    }
    Ok(model)
}

/// What a request would do to each parameter.
pub(super) fn dry_run<M: Module>(module: &M, request: &Request<'_>) -> Result<Report, InitError> {
    let parameters = look(module, request)?;
    let decided = decide(request, &parameters)?;
    Ok(Report {
        entries: entries(request, &parameters, &decided),
        digest: None,
    })
}

/// The module's parameters, with what the request says of them.
pub(super) fn look<M: Module>(
    module: &M,
    request: &Request<'_>,
) -> Result<Vec<Parameter>, InitError> {
    let (mut parameters, others) = survey(module);
    if let Some(missing) = request.missing {
        let mut unknown: HashSet<&str> = missing.clone();
        for path in parameters.iter().map(|p| &p.path).chain(&others) {
            unknown.remove(path.as_str());
        }
        if let Some(path) = unknown.into_iter().min() {
            return Err(InitError::UnknownMissing {
                path: path.to_owned(),
                nearest: nearest(path, &parameters),
            });
        }
    }
    meaning::apply(request.meanings, &mut parameters)?;
    sharded::apply(request.shards, &mut parameters)?;
    Ok(parameters)
}

/// What these decisions do to the parameters.
fn entries(request: &Request<'_>, parameters: &[Parameter], decided: &Decided<'_>) -> Vec<Entry> {
    let (rules, decisions) = (request.rules, &decided.decisions);
    let texts: Vec<String> = rules
        .iter()
        .map(|rule| match rule.asked {
            Asked::Init(init) | Asked::InitLazy(init) => init.to_string(),
            Asked::Keep => String::new(),
        })
        .collect();
    let entry = |(i, (parameter, decision)): (usize, (&Parameter, &Decision<'_>))| {
        let (leader, decision) = match decision {
            Decision::Tied(leader) => (Some(&parameters[*leader]), &decisions[*leader]),
            decision => (None, decision),
        };
        let layout = match decision {
            Decision::Init(chosen) => chosen.layout.as_ref(),
            _ => &parameter.layout,
        };
        let of_weight = layout.weight().unwrap_or(layout);
        let shape = match &parameter.region {
            Some(region) => region.shape(),
            None => layout.shape().to_vec(),
        };
        let elements = shape.iter().map(|size| *size as u64);
        let mut entry = Entry {
            path: parameter.path.clone(),
            bytes: elements.fold(parameter.dtype.size() as u64, u64::saturating_mul),
            shape,
            region: parameter.region.clone(),
            axes: layout.axes().to_vec(),
            fan_in: of_weight.fan_in(),
            fan_out: of_weight.fan_out(),
            dtype: parameter.dtype,
            action: Action::Kept(String::new()),
            expected: None,
            dependence: None,
            bounds: None,
            density: None,
            connectivity: None,
            assumed: Vec::new(),
            unfit: decided.unfit(i),
            had_values: parameter.has_values,
            tied_to: leader.map(|leader| leader.path.clone()),
            digest: None,
        };
        match decision {
            Decision::Init(chosen) => {
                let fitted = &chosen.fitted;
                entry.action = Action::Initialized(texts[chosen.rule].clone());
                entry.expected = fitted.expected();
                entry.dependence = Some(fitted.dependence());
                entry.bounds = fitted.bounds();
                entry.density = fitted.density();
                entry.assumed = assumptions(parameter, layout, rules[chosen.rule].layout);
            }
            Decision::Keep(reason) => {
                entry.action = match leader {
                    Some(leader) if !request.wants(leader) => Action::Copied(leader.path.clone()),
                    _ => Action::Kept((*reason).to_owned()),
                };
                entry.assumed = parameter.assumed.iter().cloned().collect();
            }
            Decision::Tied(_) => unreachable!("a tied parameter's leader isn't tied"),
        }
        entry
    };
    let decisions = parameters.iter().zip(decisions);
    decisions.enumerate().map(entry).collect()
}

/// What happens to each parameter.
fn decide<'a>(
    request: &Request<'_>,
    parameters: &'a [Parameter],
) -> Result<Decided<'a>, InitError> {
    let rules = request.rules;
    rules.iter().try_for_each(|rule| rule.select.check())?;
    // The parameters that each rule gets.
    let mut its_own = vec![Vec::new(); rules.len()];
    let mut without_rule = Vec::new();
    let mut decisions = Vec::with_capacity(parameters.len());
    let mut hints = vec![None; parameters.len()];
    let leaders = leaders(request, parameters);
    // The other paths of each.
    let mut followers = vec![Vec::new(); parameters.len()];
    let matches = Matches::new(rules);
    let mut unfit: HashMap<usize, Vec<(usize, InitError)>> = HashMap::new();
    for (i, parameter) in parameters.iter().enumerate() {
        if !request.wants(parameter) {
            decisions.push(Decision::Keep("not missing"));
            continue;
        }
        if leaders[i] != i {
            followers[leaders[i]].push(i);
            decisions.push(Decision::Tied(leaders[i]));
            continue;
        }
        let mut rule = matches.first(parameter, 0);
        while let Some(number) = rule
            && let Err(error) = rules[number].fits(parameters, &hints, i)
        {
            unfit.entry(i).or_default().push((number, error));
            rule = matches.first(parameter, number + 1);
        }
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
    let unused_rule = rules.iter().zip(&its_own).position(|(rule, its_own)| {
        !rule.optional && its_own.is_empty() && request.missing.is_none()
    });
    if let Some(number) = unused_rule {
        return Err(unused(number, rules[number].select, parameters, &unfit));
    }
    if request.rest == Rest::Error && !without_rule.is_empty() {
        let name = |i: usize| {
            let parameter: &Parameter = &parameters[i];
            let mut name = format!("`{}` {:?}", parameter.path, parameter.layout.shape());
            let unfit = unfit_texts(unfit.get(&i).map_or(&[], Vec::as_slice));
            if !unfit.is_empty() {
                name += &format!(" ({})", unfit.join("; "));
            }
            name
        };
        return Err(InitError::NoRule {
            paths: without_rule.into_iter().map(name).collect(),
        });
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
            let mut at_all_paths = [*i].into_iter().chain(followers[*i].iter().copied());
            at_all_paths
                .try_for_each(|i| parameters[i].check_state().map_err(|error| at(i, error)))?;
            let layout = rule.layout.apply(layout(parameters, &hints, *i));
            layouts.push(layout.map_err(|error| at(*i, error))?);
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
    if request.strict {
        strictly(rules, parameters, &decisions)?;
    }
    Ok(Decided { decisions, unfit })
}

impl AskedRule<'_> {
    /// An error if it leaves a parameter that it matches to later rules.
    fn fits(
        &self,
        parameters: &[Parameter],
        hints: &[Option<&LayoutHints>],
        i: usize,
    ) -> Result<(), InitError> {
        let (Asked::Init(init) | Asked::InitLazy(init)) = self.asked else {
            return Ok(());
        };
        if !self.where_it_fits {
            return Ok(());
        }
        let layout = self.layout.apply(layout(parameters, hints, i))?;
        init.check(&layout)
    }
}

/// Which rules match a parameter. A plan may have one for each: those that tell whole parts that a path begins or
/// ends with are found by these, and regular expressions all at once.
struct Matches<'a> {
    by_start: HashMap<&'a str, Vec<Numbered<'a>>>,
    by_end: HashMap<&'a str, Vec<Numbered<'a>>>,
    expressions: Option<(RegexSet, Vec<Numbered<'a>>)>,
    others: Vec<Numbered<'a>>,
}

/// A rule's number, and what it selects.
type Numbered<'a> = (usize, &'a Select);

impl<'a> Matches<'a> {
    fn new(rules: &[AskedRule<'a>]) -> Self {
        /// Fewer are found sooner one by one.
        const MANY: usize = 16;

        let (mut by_start, mut by_end) = (HashMap::new(), HashMap::new());
        let (mut texts, mut expressions) = (Vec::new(), Vec::new());
        let mut others: Vec<Numbered<'_>> = Vec::new();
        for numbered in rules.iter().map(|rule| rule.select).enumerate() {
            let (start, end) = match numbered.1 {
                Select::Path(path) => ("", path.as_str()),
                Select::Glob(glob) => glob.parts(),
                Select::Regex(regex) => {
                    texts.push(regex.as_str());
                    expressions.push(numbered);
                    continue;
                }
                _ => ("", ""),
            };
            // The longer one is that of fewer rules, most likely.
            let rules = match (start, end) {
                ("", "") => &mut others,
                _ if start.len() > end.len() => by_start.entry(start).or_default(),
                _ => by_end.entry(end).or_default(),
            };
            rules.push(numbered);
        }
        let set = (expressions.len() >= MANY).then(|| RegexSet::new(texts));
        // One that is too large for a set is asked by itself.
        let expressions = match set {
            Some(Ok(set)) => Some((set, expressions)),
            _ => {
                others.extend(expressions);
                others.sort_unstable_by_key(|(number, _)| *number);
                None
            }
        };
        Self {
            by_start,
            by_end,
            expressions,
            others,
        }
    }

    /// The first rule that matches, from this number on.
    fn first(&self, parameter: &Parameter, from: usize) -> Option<usize> {
        let path = parameter.path.as_str();
        let matches =
            |(number, select): &&Numbered<'_>| *number >= from && select.matches(parameter);
        let dots = || path.match_indices('.').map(|(dot, _)| dot);
        let starts = dots().map(|dot| &path[..dot]).chain([path]);
        let ends = dots().map(|dot| &path[dot + 1..]).chain([path]);
        let by_parts = starts
            .filter_map(|start| self.by_start.get(start))
            .chain(ends.filter_map(|end| self.by_end.get(end)))
            .filter_map(|rules| rules.iter().find(matches));
        let expression = self.expressions.as_ref().and_then(|(set, rules)| {
            let matched = set.matches(path).into_iter();
            matched.map(|i| &rules[i]).find(matches)
        });
        let first = by_parts.chain(expression).map(|(number, _)| *number).min();
        let earlier = |(number, _): &&Numbered<'_>| first.is_none_or(|first| *number < first);
        let other = self.others.iter().take_while(earlier).find(matches);
        other.map(|(number, _)| *number).or(first)
    }
}

/// For each parameter the one that it gets its values with: itself, or the first one that it is tied to. If
/// only missing ones are initialized, one that isn't missing comes before all that are.
fn leaders(request: &Request<'_>, parameters: &[Parameter]) -> Vec<usize> {
    let first = |i: usize| parameters[i].tied.unwrap_or(i);
    let mut leaders: Vec<usize> = (0..parameters.len()).map(first).collect();
    let has_values = |i: usize| !request.wants(&parameters[i]);
    for i in 0..parameters.len() {
        let first = first(i);
        if has_values(i) && !has_values(leaders[first]) {
            leaders[first] = i;
        }
    }
    (0..parameters.len()).map(|i| leaders[first(i)]).collect()
}

/// An error where a layout had to be assumed.
fn strictly(
    rules: &[AskedRule<'_>],
    parameters: &[Parameter],
    decisions: &[Decision<'_>],
) -> Result<(), InitError> {
    let mut all = Vec::new();
    for (parameter, decision) in parameters.iter().zip(decisions) {
        if let Decision::Init(chosen) = decision {
            let assumed = assumptions(parameter, &chosen.layout, rules[chosen.rule].layout);
            if !assumed.is_empty() {
                all.push(format!("`{}` has {}", parameter.path, assumed.join("; ")));
            }
        }
    }
    match all.is_empty() {
        true => Ok(()),
        false => Err(InitError::Assumed { assumptions: all }),
    }
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

/// What the values are made with because no rule says otherwise.
fn assumptions(parameter: &Parameter, layout: &WeightLayout, hints: &LayoutHints) -> Vec<String> {
    let mut all = Vec::new();
    if hints.axes.is_none() {
        all.extend(parameter.assumed.clone());
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
            all.push(format!("{} assumed", assumed.join(" and ")));
        }
    }
    all
}

/// Why a rule is never used.
fn unused(
    number: usize,
    select: &Select,
    parameters: &[Parameter],
    unfit: &HashMap<usize, Vec<(usize, InitError)>>,
) -> InitError {
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
        if parameter.role == Role::Statistic {
            return never_used("this is a running statistic, which is always kept".to_owned());
        }
    }
    let mut misfits: Vec<_> = unfit
        .iter()
        .flat_map(|(i, rules)| rules.iter().map(move |(rule, error)| (*i, *rule, error)))
        .filter(|(_, rule, _)| *rule == number)
        .collect();
    misfits.sort_unstable_by_key(|(i, ..)| *i);
    if !misfits.is_empty() {
        let text = |(i, _, error): &(usize, usize, &InitError)| {
            format!("`{}` ({error})", parameters[*i].path)
        };
        let texts: Vec<String> = misfits.iter().map(text).collect();
        return never_used(format!("it fits none of {}", texts.join(", ")));
    }
    let matched: Vec<&Parameter> = parameters.iter().filter(|p| select.matches(p)).collect();
    if !matched.is_empty() {
        let tied = |p: &&Parameter| {
            let first = &parameters[p.tied?];
            Some(format!("`{}`, which is tied to `{}`", p.path, first.path))
        };
        let tied: Option<Vec<String>> = matched.iter().map(tied).collect();
        return never_used(match tied {
            Some(tied) => format!("it only matches {}", tied.join(", ")),
            None => {
                let taken: Vec<&str> = matched.iter().map(|p| p.path.as_str()).collect();
                format!(
                    "earlier rules take all that it matches: {}",
                    taken.join(", ")
                )
            }
        });
    }
    let patterns = select.patterns();
    if !patterns.is_empty() {
        let mut near: Vec<String> = patterns
            .iter()
            .flat_map(|pattern| nearest(pattern, parameters))
            .collect();
        near.dedup();
        let near = match near.as_slice() {
            [] => String::new(),
            paths => format!("; the module has `{}`", paths.join("`, `")),
        };
        return never_used(format!(
            "it matches no weight or bias{near}; normalizations and adapters are only reached by their own path or name"
        ));
    }
    let mut containers: Vec<&str> = parameters
        .iter()
        .filter(|p| p.role == Role::Weight)
        .map(Parameter::container)
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
