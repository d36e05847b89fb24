//! `npz repack`: an archive anew, compressed otherwise or not at all.

use std::path::PathBuf;

use savez::{Compression, WriteOptions};

use crate::failure::Failure;
use crate::pack::Layout;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The archive
    file: PathBuf,
    /// The new one; without it, it takes the place of the old one when it is whole
    out: Option<PathBuf>,
    /// Compress all members, as numpy.savez_compressed does
    #[arg(short, long, conflicts_with = "store")]
    compress: bool,
    /// Compress all members at this level: 1 is the fastest, 6 that of --compress, 9 the smallest
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=9), conflicts_with = "store")]
    level: Option<u32>,
    /// Compress no member, so that arrays can be mapped. Without this or a level, all stay as they are
    #[arg(short, long)]
    store: bool,
    /// How the bytes are arranged: so that arrays can be mapped, or exactly as NumPy does
    #[arg(long, value_name = "LAYOUT", default_value = "savez")]
    layout: Layout,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let options = WriteOptions::new().style(args.layout.into());
    let options = match args.level {
        Some(level) => options.compression(Compression::Deflate { level }),
        None if args.compress => options.compression(Compression::DEFLATE),
        None if args.store => options.compression(Compression::None),
        None => options.keep_compression(true),
    };
    savez::repack(&args.file, args.out.as_ref().unwrap_or(&args.file), options)?;
    Ok(())
}
