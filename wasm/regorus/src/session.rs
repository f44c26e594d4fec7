//! One sandbox: a policy, the state that the agent keeps beside it, and its requests.
use crate::limits;
use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use std::num::{NonZeroU32, NonZeroUsize};

/// Names the policy in messages; replaced by the user's file name by the caller.
const NAME: &str = "agent_policy";

/// What both versions of the engine do.
trait Engine {
    fn prepare(&mut self);
    fn set_data(&mut self, document: &str) -> Result<()>;
    fn query(&mut self, kind: &str, request: &str) -> Result<Option<String>>;
    fn take_prints(&mut self) -> Result<Vec<String>>;
    fn coverage(&self) -> Result<(Vec<u32>, Vec<u32>)>;
}

macro_rules! engine {
    ($name:ident, $crate_name:ident, $prepare:expr) => {
        struct $name($crate_name::Engine);

        impl Engine for $name {
            fn prepare(&mut self) {
                let prepare: fn(&mut $crate_name::Engine) = $prepare;
                prepare(&mut self.0);
            }

            fn set_data(&mut self, document: &str) -> Result<()> {
                self.0.clear_data();
                self.0.add_data($crate_name::Value::from_json_str(document)?)
            }

            fn query(&mut self, kind: &str, request: &str) -> Result<Option<String>> {
                self.0.set_input($crate_name::Value::from_json_str(request)?);
                let results = self.0.eval_query(format!("data.agent_policy.{kind}"), false)?;
                let Some(result) = results.result.first() else { return Ok(None) };
                let Some(expression) = result.expressions.first() else { return Ok(None) };
                Ok(Some(expression.value.to_json_str()?))
            }

            fn take_prints(&mut self) -> Result<Vec<String>> {
                self.0.take_prints()
            }

            fn coverage(&self) -> Result<(Vec<u32>, Vec<u32>)> {
                let report = self.0.get_coverage_report()?;
                // There is no file before the first request.
                let Some(file) = report.files.into_iter().next() else { return Ok((Vec::new(), Vec::new())) };
                Ok((file.covered.into_iter().collect(), file.not_covered.into_iter().collect()))
            }
        }
    };
}

engine!(GuestEngine, regorus_guest, |_engine| {});
engine!(CurrentEngine, regorus_current, |engine| {
    let check_interval = NonZeroU32::new(4096).unwrap_or(NonZeroU32::MIN);
    engine.set_execution_timer_config(regorus_current::utils::limits::ExecutionTimerConfig {
        limit: limits::time_left(),
        check_interval,
    });
});

pub struct Session {
    engine: Box<dyn Engine>,
    /// The document that rules see as `data`.
    state: Value,
    /// For questions about the text, which only the current engine answers.
    text: String,
    is_v1: bool,
}

impl Session {
    pub fn open(engine: u32, is_v1: bool, coverage: bool, text: String) -> Result<Self> {
        let engine: Box<dyn Engine> = match engine {
            0 => {
                let mut engine = regorus_guest::Engine::new();
                engine.set_rego_v1(is_v1);
                engine.set_strict_builtin_errors(false);
                engine.set_gather_prints(true);
                engine.set_enable_coverage(coverage);
                engine.add_policy(NAME.to_string(), text.clone())?;
                Box::new(GuestEngine(engine))
            }
            _ => {
                let mut engine = current_engine(is_v1);
                engine.set_gather_prints(true);
                engine.set_enable_coverage(coverage);
                engine.add_policy(NAME.to_string(), text.clone())?;
                Box::new(CurrentEngine(engine))
            }
        };
        let mut session = Self { engine, state: Value::Null, text, is_v1 };
        session.set_state(r#"{"pstate":{}}"#)?;
        Ok(session)
    }

    pub fn set_state(&mut self, document: &str) -> Result<()> {
        self.state = serde_json::from_str(document)?;
        self.engine.set_data(document)
    }

    pub fn evaluate(&mut self, input: &str, settle: bool) -> Result<String> {
        let (kind, request) = input.split_once('\n').context("no entry point is named")?;
        if kind.is_empty() || !kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(anyhow!("an entry point cannot have that name"));
        }
        self.engine.prepare();
        let value = self.engine.query(kind, request);
        let prints = self.engine.take_prints()?;
        let mut answer = json!({ "prints": prints });
        if let Some(value) = value? {
            let value: Value = serde_json::from_str(&value)?;
            if settle && let Some(document) = self.settle(&value)? {
                self.engine.set_data(&document)?;
                answer["state"] = Value::String(document);
            }
            answer["value"] = value;
        }
        Ok(answer.to_string())
    }

    /// Applies the operations of an allowed request, all or none.
    fn settle(&mut self, value: &Value) -> Result<Option<String>> {
        let (Some(true), Some(operations)) = (value.get("allowed").and_then(Value::as_bool), value.get("ops")) else {
            return Ok(None);
        };
        let patch: json_patch::Patch = serde_json::from_value(operations.clone()).context("state change")?;
        if patch.0.is_empty() {
            return Ok(None);
        }
        json_patch::patch(&mut self.state, &patch).context("state change")?;
        Ok(Some(self.state.to_string()))
    }

    pub fn declared(&self, names: &str) -> Result<String> {
        let mut engine = current_engine(self.is_v1);
        let package = engine.add_policy(NAME.to_string(), self.text.clone())?;
        let mut found: Vec<&str> = Vec::new();
        if package != "data.agent_policy" {
            return Ok("[]".to_string());
        }
        for name in names.lines() {
            // What is no name in this text, such as a keyword, has no rule.
            if engine.has_declared_rule_rooted_at(NAME, name).unwrap_or(false) {
                found.push(name);
            }
        }
        Ok(serde_json::to_string(&found)?)
    }

    pub fn coverage(&self) -> Result<String> {
        let (covered, not_covered) = self.engine.coverage()?;
        Ok(json!({ "covered": covered, "notCovered": not_covered }).to_string())
    }
}

/// The limits for lengths are those of later guests; the texts here are bounded before.
fn current_engine(is_v1: bool) -> regorus_current::Engine {
    let mut engine = regorus_current::Engine::new();
    engine.set_rego_v0(!is_v1);
    engine.set_strict_builtin_errors(false);
    engine.set_policy_length_config(regorus_current::PolicyLengthConfig {
        max_col: NonZeroU32::new(64 * 1024).unwrap_or(NonZeroU32::MIN),
        max_file_bytes: NonZeroUsize::new(16 * 1024 * 1024).unwrap_or(NonZeroUsize::MIN),
        max_lines: NonZeroUsize::new(200_000).unwrap_or(NonZeroUsize::MIN),
    });
    engine
}
