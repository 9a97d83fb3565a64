//! What is asked for on the command line.

/// A model, by name.
pub(crate) type Named = (&'static str, fn());

const USAGE: &str = "interleave takes names of models, `--iterations N` and `--seed S`";
/// Of each model with each scheduler: half a minute on two cores.
const ITERATIONS: usize = 1_000;

pub(crate) struct Wanted {
    pub(crate) models: Vec<Named>,
    pub(crate) iterations: usize,
    pub(crate) seed: u64,
}

/// The models that are named, or all.
pub(crate) fn read(arguments: &[String]) -> Result<Wanted, String> {
    let all = [topper_core_interleaved::model::MODELS, topper_store_interleaved::model::MODELS];
    let all: Vec<Named> = all.concat();
    let mut wanted = Wanted { models: Vec::new(), iterations: ITERATIONS, seed: 0 };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|number| number.parse().ok()).ok_or(USAGE);
        match argument.as_str() {
            "--seed" => wanted.seed = number()?,
            "--iterations" => {
                wanted.iterations = usize::try_from(number()?).map_err(|_| USAGE)?.max(1);
            }
            name => match all.iter().find(|(known, _)| *known == name) {
                Some(model) => wanted.models.push(*model),
                None => return Err(unknown(name, &all)),
            },
        }
    }
    if wanted.models.is_empty() {
        wanted.models = all;
    }
    Ok(wanted)
}

fn unknown(name: &str, all: &[Named]) -> String {
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    format!("{USAGE}; there is no model {name}; there are {}", names.join(", "))
}
