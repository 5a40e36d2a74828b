//! The output validator on what is known to be right, and on what the package says of it.

use std::path::PathBuf;

use super::{Finding, Verification};
use crate::package::{TestCase, ValidatorTest, ValidatorTestKind};
use crate::validate::{Bench, Judged, Validator};
use crate::{Fault, Verdict};

impl Verification<'_> {
    /// Only where an output can stand alone: a talk, or a pass of several, cannot be prepared.
    pub(super) fn check_outputs(&mut self) -> Result<(), Fault> {
        let package = self.package;
        if package.kind.interactive || package.kind.passes.is_some() {
            return Ok(());
        }
        let validator = self.worker.validator(package, self.cancel)?;
        for case in &package.cases {
            self.check_answers(&validator, case)?;
        }
        for test in &package.self_tests {
            self.check_output_of_test(&validator, test)?;
        }
        Ok(())
    }

    /// Answers of samples are shown as right, and so is what stands in their place.
    fn check_answers(&mut self, validator: &Validator, case: &TestCase) -> Result<(), Fault> {
        let path = |extension: &str| {
            let file = format!("data/{}.{extension}", case.name);
            (self.package.root.join(&file), file)
        };
        let (shown, file) = path("out");
        if shown.is_file() {
            self.must_accept(validator, case, &shown, file, true)?;
        } else if !matches!(validator, Validator::Default) {
            // The default validator compares an answer with itself.
            let (_, file) = path("ans");
            self.must_accept(validator, case, &case.answer, file, case.is_sample)?;
        }
        Ok(())
    }

    /// An answer of a secret case need not be an output: it may only be meant for the validator.
    fn must_accept(
        &mut self,
        validator: &Validator,
        case: &TestCase,
        path: &PathBuf,
        file: String,
        is_shown: bool,
    ) -> Result<(), Fault> {
        self.checked.answers += 1;
        let Some(judged) = self.judge_file(validator, case, path, &file)? else {
            return Ok(());
        };
        if judged.verdict != Verdict::Accepted {
            let message = format!("is rejected by the output validator{}", reason(&judged));
            self.find(if is_shown {
                Finding::error(file, message)
            } else {
                Finding::warning(file, message)
            });
        }
        Ok(())
    }

    fn check_output_of_test(
        &mut self,
        validator: &Validator,
        test: &ValidatorTest,
    ) -> Result<(), Fault> {
        let (Some(answer), Some(output)) = (&test.answer, &test.output) else {
            return Ok(());
        };
        self.checked.self_tests += 1;
        let case = TestCase {
            name: test.name.clone(),
            input: test.input.clone(),
            answer: answer.clone(),
            validator_args: test.validator_args.clone(),
            ..TestCase::default()
        };
        let file = format!("data/{}.out", test.name);
        let Some(judged) = self.judge_file(validator, &case, output, &file)? else {
            return Ok(());
        };
        let accepted = judged.verdict == Verdict::Accepted;
        if accepted != (test.kind == ValidatorTestKind::ValidOutput) {
            let message = if accepted {
                "is accepted by the output validator".to_owned()
            } else {
                format!("is rejected by the output validator{}", reason(&judged))
            };
            self.find(Finding::error(file, message));
        }
        Ok(())
    }

    /// The validator's word on a file; none if it failed, which is told.
    fn judge_file(
        &mut self,
        validator: &Validator,
        case: &TestCase,
        path: &PathBuf,
        file: &str,
    ) -> Result<Option<Judged>, Fault> {
        let output = std::fs::read(path).map_err(Fault::io("read", path))?;
        let bench = Bench {
            package: self.package,
            validator,
            cancel: self.cancel,
        };
        match self.worker.validate(bench, case, &mut Vec::new(), &output) {
            Ok(judged) => Ok(Some(judged)),
            Err(Fault::Validator { what, .. }) => {
                let message = format!("the output validator failed on it: {what}");
                self.find(Finding::error(file, message));
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }
}

fn reason(judged: &Judged) -> String {
    match judged.jury_message.lines().next() {
        Some(line) => format!(": {line}"),
        None => String::new(),
    }
}
