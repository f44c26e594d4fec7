//! Decides requests as the Kata agent does, with two versions of its engine.
//!
//! The argument names a file of JSON lines: `{"policy": TEXT}` starts with that policy and a fresh state, and each following
//! `{"kind": NAME, "request": OBJECT}` is decided in order. One line is printed for each request:
//! `{"guest": VERDICT, "current": VERDICT}`, where a verdict is `allow`, `deny` or `error: …`, with what each printed in
//! `guestPrints` and `currentPrints`.
use anyhow::{anyhow, bail, Context, Result};
use serde_json::{json, Value};
use std::io::{BufRead, BufReader, BufWriter, Write};

/// What the agent keeps: the engine with its policy, and the state document.
trait Agent {
    fn set_policy(&mut self, text: &str) -> Result<()>;
    fn query(&mut self, state: &Value, kind: &str, request: &Value) -> Result<Option<Value>>;
    /// What the policy has printed since the last call; the agent adds it to its error.
    fn take_prints(&mut self) -> Result<Vec<String>>;
}

macro_rules! agent {
    ($name:ident, $engine:ident, $prepare:expr) => {
        /// The engine, and the state that it holds.
        struct $name($engine::Engine, Value);

        impl $name {
            fn new() -> Self {
                Self($engine::Engine::new(), Value::Null)
            }
        }

        impl Agent for $name {
            fn set_policy(&mut self, text: &str) -> Result<()> {
                let mut engine = $engine::Engine::new();
                engine.set_strict_builtin_errors(false);
                engine.set_gather_prints(true);
                let prepare: fn(&mut $engine::Engine) = $prepare;
                prepare(&mut engine);
                engine.add_policy("agent_policy".to_string(), text.to_string())?;
                *self = Self(engine, Value::Null);
                Ok(())
            }

            fn query(&mut self, state: &Value, kind: &str, request: &Value) -> Result<Option<Value>> {
                // The agent hands the state over each time, after which the engine compiles the policy again; where the
                // state is the same, so is the verdict.
                if self.1 != *state {
                    self.0.clear_data();
                    self.0.add_data($engine::Value::from_json_str(&state.to_string())?)?;
                    self.1 = state.clone();
                }
                self.0.set_input($engine::Value::from_json_str(&request.to_string())?);
                let results = self.0.eval_query(format!("data.agent_policy.{kind}"), false)?;
                let Some(result) = results.result.first() else { return Ok(None) };
                let Some(expression) = result.expressions.first() else { return Ok(None) };
                Ok(Some(serde_json::from_str(&expression.value.to_json_str()?)?))
            }

            fn take_prints(&mut self) -> Result<Vec<String>> {
                self.0.take_prints()
            }
        }
    };
}

agent!(GuestAgent, regorus_guest, |_engine| {});
agent!(CurrentAgent, regorus_current, |engine| {
    engine.set_rego_v0(true);
});

/// One agent with its state; a policy that does not load makes every decision an error.
struct Guest {
    agent: Box<dyn Agent>,
    state: Value,
    broken: Option<String>,
    policy: String,
}

impl Guest {
    fn new(agent: Box<dyn Agent>) -> Self {
        Self { agent, state: Value::Null, broken: Some("none".to_string()), policy: String::new() }
    }

    fn set_policy(&mut self, text: &str) {
        self.state = json!({ "pstate": {} });
        if self.policy != text {
            self.broken = self.agent.set_policy(text).err().map(|error| format!("{error:#}"));
            self.policy = text.to_string();
        }
    }

    fn decide(&mut self, kind: &str, request: &Value) -> String {
        match self.try_decide(kind, request) {
            Ok(true) => "allow".to_string(),
            Ok(false) => "deny".to_string(),
            Err(error) => format!("error: {error:#}"),
        }
    }

    fn try_decide(&mut self, kind: &str, request: &Value) -> Result<bool> {
        if let Some(reason) = &self.broken {
            bail!("policy: {reason}");
        }
        match self.agent.query(&self.state, kind, request)? {
            Some(Value::Bool(allowed)) => Ok(allowed),
            Some(Value::Object(result)) => {
                let allowed = result.get("allowed").and_then(Value::as_bool).context("no member allowed")?;
                if let (true, Some(ops)) = (allowed, result.get("ops")) {
                    let patch: json_patch::Patch = serde_json::from_value(ops.clone())?;
                    json_patch::patch(&mut self.state, &patch)?;
                }
                Ok(allowed)
            }
            Some(other) => Err(anyhow!("unexpected result {other}")),
            None => Err(anyhow!("no rule")),
        }
    }
}

/// Verdicts of one agent on all requests, in order, with the prints of each.
fn decide_all(agent: Box<dyn Agent>, lines: &[Value]) -> Result<Vec<(String, Vec<String>)>> {
    let mut guest = Guest::new(agent);
    let mut verdicts = Vec::new();
    for line in lines {
        if let Some(text) = line.get("policy").and_then(Value::as_str) {
            guest.set_policy(text);
            continue;
        }
        let kind = line.get("kind").and_then(Value::as_str).context("line without kind")?;
        let request = line.get("request").context("line without request")?;
        let verdict = guest.decide(kind, request);
        verdicts.push((verdict, guest.agent.take_prints()?));
    }
    Ok(verdicts)
}

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("usage: regorus-peer FILE")?;
    let mut lines: Vec<Value> = Vec::new();
    for line in BufReader::new(std::fs::File::open(path)?).lines() {
        lines.push(serde_json::from_str(&line?)?);
    }
    let (guest, current) = std::thread::scope(|scope| {
        let other = scope.spawn(|| decide_all(Box::new(CurrentAgent::new()), &lines));
        let guest = decide_all(Box::new(GuestAgent::new()), &lines);
        (guest, other.join().map_err(|_| anyhow!("engine panicked")).and_then(|result| result))
    });
    let mut out = BufWriter::new(std::io::stdout().lock());
    for ((guest, guest_prints), (current, current_prints)) in guest?.iter().zip(current?) {
        let line = json!({
            "guest": guest, "current": current, "guestPrints": guest_prints, "currentPrints": current_prints,
        });
        writeln!(out, "{line}")?;
    }
    Ok(())
}
