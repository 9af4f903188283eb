//! Reads a log and throws it away, or converts it: for measurements.
//!
//! `measure FILE` · `measure FILE FORMAT OUTPUT` · `measure synthetic EVENTS OUTPUT`

use std::{env, error::Error, fs::File, path::Path, time::Instant};

use interchange::{
    Item, Options, Output, Reject, Sink, Source, Stop, WriteOptions, Writer, read, synthetic,
    writer,
};

struct Through<'a>(Option<Box<dyn Writer + 'a>>);

impl Sink for Through<'_> {
    fn item(&mut self, item: Item) -> Result<(), Stop> {
        match &mut self.0 {
            Some(writer) => writer.item(&item).map_err(|e| {
                eprintln!("{e}");
                Stop
            }),
            None => Ok(()),
        }
    }

    fn reject(&mut self, reject: Reject) {
        eprintln!("{reject}");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (file, convert) = match args[..] {
        ["synthetic", events, output] => {
            let events: u64 = events.parse()?;
            return Ok(synthetic::xes(
                &mut File::create(output)?,
                1,
                events / 20,
                events,
            )?);
        }
        [file] => (file, None),
        [file, format, output] => (file, Some((format.parse()?, Path::new(output)))),
        _ => return Err("measure FILE [FORMAT OUTPUT]".into()),
    };
    let begun = Instant::now();
    let out = convert
        .map(|(format, path)| writer(format, Output::Path(path), &WriteOptions::default()))
        .transpose()?;
    let mut through = Through(out);
    let options = Options {
        zone: Some("+08:00".parse()?),
        ..Options::default()
    };
    let summary = read(Source::Path(Path::new(file)), &options, &mut through)?;
    let read = begun.elapsed().as_secs_f64();
    println!(
        "{} events, {} objects, {} rejects in {read:.2} s: {:.0} events/s, {:.1} MB/s",
        summary.events,
        summary.objects,
        summary.rejects,
        summary.events as f64 / read,
        summary.bytes as f64 / read / 1e6,
    );
    if let Some(writer) = through.0 {
        let written = writer.finish()?;
        println!(
            "{} events, {} objects written in {:.2} s in all",
            written.events,
            written.objects,
            begun.elapsed().as_secs_f64()
        );
        written
            .notes
            .iter()
            .for_each(|note| println!("note: {note}"));
    }
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        status
            .lines()
            .filter(|l| l.starts_with("VmHWM"))
            .for_each(|l| println!("{l}"));
    }
    Ok(())
}
