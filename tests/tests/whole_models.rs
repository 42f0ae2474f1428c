//! A GPT-2 and a vision transformer by files: what a dry run says, what is done, and that both agree.

use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::Device;
use burn_init::Plan;
use burn_init::plan::{Action, Applied, Report};
use burn_init_tests::preset_models::gpt2::Gpt2;
use burn_init_tests::preset_models::vit::Vit;

fn plan(name: &str) -> Plan {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    Plan::load(folder.join(name)).unwrap()
}

/// The report of a dry run, of a model that is then initialized.
fn dry_and_applied<M: Module>(plan: &Plan, model: M) -> Report {
    let mut dry = plan.dry_run(&model).unwrap();
    let Applied { report, .. } = plan.apply(model).unwrap();
    // How sparse parameters connect is known when they have values.
    for (entry, applied) in dry.entries.iter_mut().zip(&report.entries) {
        entry.connectivity = applied.connectivity;
    }
    assert_eq!(dry, report);
    report
}

#[test]
fn gpt2_rule_by_rule() {
    let report = dry_and_applied(&plan("gpt2.toml"), Gpt2::new(8, 64, &Device::flex()));
    assert!(report.entries.len() >= 100, "{}", report.entries.len());
    // Nothing had to be assumed, and all but normalizations are initialized.
    let mut kept = report
        .entries
        .iter()
        .filter(|e| !matches!(e.action, Action::Initialized(_)));
    assert!(kept.all(|entry| entry.path.ends_with("gamma") || entry.path.ends_with("beta")));
    insta::assert_snapshot!("gpt2", format!("{report:132}"));
}

#[test]
fn vit_by_a_preset() {
    let report = dry_and_applied(&plan("vit.toml"), Vit::new(4, 64, &Device::flex()));
    assert!(
        report
            .entries
            .iter()
            .all(|e| matches!(e.action, Action::Initialized(_)))
    );
    insta::assert_snapshot!("vit", format!("{report:132}"));
}

/// A plan for another model is an error that says where the models differ.
#[test]
fn a_plan_of_another_model() {
    let error = |name: &str, model| plan(name).dry_run(&model).unwrap_err().to_string();
    let text = error("vit.toml", Vit::new(0, 64, &Device::flex()));
    assert!(
        text.contains("glob `blocks.*.mlp.fc?.weight`") && text.contains("never used"),
        "{text}"
    );
    let text = error("gpt2.toml", Vit::new(4, 64, &Device::flex()));
    assert!(text.contains("rule 1 names `wpe.weight`"), "{text}");
}
