//! `peers WORK… REPEAT DIRECTORY PATH`: one contender of `bench/`, which does its work when told to.
//!
//! Lines on the standard input say `check`, `run`, or `run` and the name of a part; each is answered by a line of
//! JSON, as `bench/worker.py` answers it.

mod codec;
mod load;
mod measure;
mod pread;
mod save;

use std::any::Any;
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What a contender does while the clock runs; what it gives is dropped when the clock stands.
type Work = Box<dyn FnMut() -> Outcome<Box<dyn Any>>>;

/// The work for each part of a row, by name; the whole under no name in a row without parts.
type Works = BTreeMap<String, Work>;

/// What it is called to see that the work was done.
type Check = Box<dyn Fn(&dyn Any) -> Outcome<()>>;

/// What the command line says.
struct Task {
    work: Vec<String>,
    repeat: u32,
    directory: PathBuf,
    path: PathBuf,
}

impl Task {
    fn from_args() -> Option<Task> {
        let mut work: Vec<String> = std::env::args().skip(1).collect();
        let path = work.pop()?.into();
        let directory = work.pop()?.into();
        let repeat = work.pop()?.parse().ok()?;
        Some(Task { work, repeat, directory, path })
    }

    fn start(&self) -> Outcome<(Works, Check)> {
        let words: Vec<&str> = self.work.iter().map(String::as_str).collect();
        if let ["codec", level] = words[..] {
            return codec::works(level.parse()?, &self.directory, &self.path);
        }
        let (work, check) = self.whole(&words)?;
        Ok((Works::from([(String::new(), work)]), check))
    }

    fn whole(&self, words: &[&str]) -> Outcome<(Work, Check)> {
        match *words {
            ["save", crate_name, nbytes] => {
                save::work(crate_name, save::weights(nbytes.parse()?), &self.path)
            }
            ["save-many", crate_name, count] => {
                save::work(crate_name, save::small(count.parse()?), &self.path)
            }
            ["load", crate_name] | ["load-many", crate_name, _] => {
                load::work(crate_name, &self.directory)
            }
            ["load-swapped", crate_name] => load::swapped(crate_name, &self.directory),
            ["last", "savez", count] => load::last(count.parse()?, &self.directory),
            ["compress", crate_name] => save::compressed(crate_name, &self.directory, &self.path),
            ["inflate", crate_name] => load::inflated(crate_name, &self.directory),
            ["pread", threads] => pread::work(threads.parse()?, &self.directory),
            _ => Err(format!("no such work: {words:?}").into()),
        }
    }
}

fn main() -> ExitCode {
    let Some(task) = Task::from_args() else {
        eprintln!("usage: peers WORK… REPEAT DIRECTORY PATH");
        return ExitCode::from(2);
    };
    match serve(&task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(task: &Task) -> Outcome<()> {
    let (mut works, check) = task.start()?;
    let mut answers = std::io::stdout().lock();
    writeln!(answers, "{{}}")?;
    let mut repeats: BTreeMap<String, u32> =
        works.keys().map(|part| (part.clone(), task.repeat)).collect();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (what, part) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let answer = if what == "check" {
            for (part, work) in &mut works {
                let start = Instant::now();
                let found = work()?;
                if !part.is_empty() {
                    repeats.insert(part.clone(), measure::repeats(start.elapsed()));
                }
                check(found.as_ref())?;
            }
            "{}".to_owned()
        } else {
            let work = works.get_mut(part).ok_or("no such part")?;
            measure::measured(work, repeats[part])?.json()
        };
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
    Ok(())
}
